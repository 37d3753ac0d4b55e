import { nodeId, SystemClock } from '@odradek/core'
import { Heartbeat, Metadata, Produce } from '@odradek/protocol'
import { allowAll } from './authorizer.ts'
import { NO_CONFIGS } from './config/layers.ts'
import { buildLimitSettings, type LimitSettings } from './config/limit-settings.ts'
import { Connections, type ConnectionsOptions } from './connections.ts'
import type { DispatchTable } from './dispatch.ts'
import { handler } from './handler.ts'
import { apiVersions } from './handlers/18-api-versions.ts'
import { givenServices, requestFrame } from './harness.ts'
import { Listener } from './listener.ts'
import { RawSocketClient } from './raw-socket-client.ts'
import { registry } from './registry.ts'
import type { RequestContext } from './request-context.ts'

/** Requests of the handlers below that have begun, and a way to answer them. */
export interface Pending {
  readonly name: string
  readonly context: RequestContext
  answer(): void
}

export const pending: Pending[] = []
export const seen: string[] = []

function park(name: string, context: RequestContext): Promise<void> {
  return new Promise((resolve) => pending.push({ name, context, answer: resolve }))
}

/** Group ids say what to do: `park:` waits, `throw` is a bug, `close` ends the connection. */
const heartbeat = handler(Heartbeat, [0, 4], (request, context) => {
  seen.push(request.groupId)
  const response = { errorCode: request.generationId }
  if (request.groupId.startsWith('park')) return park(request.groupId, context).then(() => response)
  if (request.groupId === 'throw') throw new Error('a bug')
  if (request.groupId === 'close') context.close('it said so')
  return response
})

/** The transactional id is the name, `alone` lets none follow; acks 0 answers nothing, acks 1 at once, acks -1 when told to. */
const produce = handler(
  Produce,
  [0, 13],
  (request, context) => {
    seen.push(request.transactionalId ?? '')
    if (request.acks === 0) return null
    if (request.transactionalId === 'alone') context.keepNextWaiting()
    const response = { responses: [], throttleTimeMs: 0 }
    return request.acks === 1 ? response : park(request.transactionalId ?? '', context).then(() => response)
  },
  { borrowsFrame: true },
)

/** Answers with 30 KB for each topic asked for. */
const metadata = handler(Metadata, [0, 13], (request) => {
  seen.push('metadata')
  return {
    brokers: [...(request.topics ?? [])].map(() => ({ nodeId: 1, host: 'h'.repeat(30_000), port: 1, rack: null })),
    clusterId: null,
    controllerId: -1,
    topics: [],
    clusterAuthorizedOperations: -2_147_483_648,
    errorCode: 0,
  }
})

export const settings: LimitSettings = {
  ...buildLimitSettings({ dynamic: NO_CONFIGS, dynamicDefault: NO_CONFIGS, fixed: NO_CONFIGS }),
  socketRequestMaxBytes: 1_000_000,
}

export interface Running {
  readonly connections: Connections
  readonly log: string[]
  readonly port: number
  connect(): Promise<RawSocketClient>
}

const systemClock = new SystemClock()

const listeners: Listener[] = []
const clients: RawSocketClient[] = []
const running: Connections[] = []

/** Connections with the handlers above, behind a listener of their own. */
export async function start({
  requestElementsMax,
  responseBytesMax,
  ...options
}: Partial<ConnectionsOptions> &
  Pick<DispatchTable, 'requestElementsMax' | 'responseBytesMax'> = {}): Promise<Running> {
  const log: string[] = []
  const write = (message: string, fields: object = {}) => log.push(`${message} ${Object.values(fields).join(' ')}`)
  const logger = { debug() {}, info() {}, warn: write, error: write }
  const rows = registry([produce, metadata, heartbeat, apiVersions])
  const table = {
    registry: rows,
    services: givenServices({ logger, clock: systemClock }, rows.served),
    authorizer: allowAll,
    logger,
    ...(requestElementsMax === undefined ? {} : { requestElementsMax }),
    ...(responseBytesMax === undefined ? {} : { responseBytesMax }),
  }
  const connections = new Connections({ table, settings, clock: systemClock, ...options })
  const binds = [{ host: '127.0.0.1', required: true }]
  const plan = {
    name: 'PLAINTEXT',
    securityProtocol: 'PLAINTEXT' as const,
    loginBy: null,
    binds,
    port: 0,
    advertisedHost: 'localhost',
    advertisedPort: null,
  }
  const listener = await Listener.open(plan)
  listener.serve((socket) => connections.accept(socket, nodeId(1), 'PLAINTEXT'))
  listeners.push(listener)
  running.push(connections)
  return {
    connections,
    log,
    port: listener.open.port,
    async connect() {
      const client = await RawSocketClient.open(listener.open.port)
      clients.push(client)
      return client
    },
  }
}

export async function stopAll(): Promise<void> {
  for (const entry of pending.splice(0)) entry.answer()
  seen.length = 0
  for (const client of clients.splice(0)) client.destroy()
  for (const listener of listeners.splice(0)) listener.close()
  for (const connections of running.splice(0)) await connections.close()
}

export function beat(groupId: string, correlationId: number): Buffer {
  return requestFrame(Heartbeat, 0, { groupId, generationId: correlationId % 1000, memberId: 'm' }, null, correlationId)
}

export function produced(name: string, acks: number, correlationId: number): Buffer {
  return requestFrame(Produce, 3, { transactionalId: name, acks, timeoutMs: 0, topicData: [] }, null, correlationId)
}

export const correlationIds = (answers: readonly Buffer[]) => answers.map((answer) => answer.readInt32BE(0))

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turns(1)
}

/** Gives the broker `turns` chances to do what it must not. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise<void>((resolve) => systemClock.soon(resolve))
}
