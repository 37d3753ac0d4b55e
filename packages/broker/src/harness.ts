import {
  type Clock,
  type Logger,
  ManualClock,
  type NodeId,
  nodeId,
  type Prng,
  present,
  SeededPrng,
  silentLogger,
} from '@odradek/core'
import type { LogDirectoryTable } from '@odradek/log'
import { type Api, RequestHeader, ResponseHeader, requestHeaderVersion, responseHeaderVersion } from '@odradek/protocol'
import { Reader, Writer } from '@odradek/protocol/wire'
import type { AclView } from './acls/acl-table.ts'
import { type Authorizer, allowAll } from './authorizer.ts'
import type { ClusterView } from './cluster-view.ts'
import type { BrokerLoggers } from './config/broker-loggers.ts'
import type { Configs } from './config/configs.ts'
import type { BrokerSettings } from './config/settings.ts'
import type { DelegationTokens } from './delegation-tokens/delegation-token-table.ts'
import { type ActiveRequest, type DispatchTable, dispatch, type RequestOwner } from './dispatch.ts'
import type { FetchMemory } from './fetch/fetch-memory.ts'
import type { FetchSessions } from './fetch/fetch-sessions.ts'
import type { FetchTurns } from './fetch/fetch-turns.ts'
import type { Handler } from './handler.ts'
import type { HostNames } from './host-names.ts'
import type { LargeRequests } from './large-requests.ts'
import type { ClientQuotas } from './metadata/client-quota.ts'
import type { Controller } from './metadata/controller.ts'
import { BrokerMetrics } from './metrics/broker-metrics.ts'
import type { FirstSequences } from './produce/first-sequences.ts'
import { noQuotas, type Quotas } from './quotas.ts'
import { registry, type ServedApi } from './registry.ts'
import type { ConnectionState } from './request-context.ts'
import type { SaslSession } from './security/sasl/sasl-session.ts'
import type { ScramCredentials } from './security/scram-credentials.ts'
import type { SecurityProtocol } from './security/security-protocol.ts'
import type {
  GroupCoordinators,
  Partitions,
  ProducerIds,
  Services,
  TransactionCoordinators,
  TransactionMarkers,
} from './services.ts'
import type { ClientTelemetry } from './telemetry/client-telemetry.ts'
import type { PushedSeries } from './telemetry/pushed-series.ts'

/** What a test may say about the connection its request comes in on. */
export interface HarnessOptions {
  readonly node?: number
  readonly listener?: string
  readonly clientId?: string | null
  readonly principal?: string
  readonly securityProtocol?: SecurityProtocol
  readonly sasl?: SaslSession
  readonly authorizer?: Authorizer
  readonly quotas?: Quotas
  readonly large?: LargeRequests
  readonly answers?: LargeRequests
  readonly requestResized?: RequestOwner['requestResized']
  readonly waitWhileThereIsRoom?: RequestOwner['waitWhileThereIsRoom']
}

/** The request was not answered: its connection would have been closed. */
class HarnessClosed extends Error {
  override readonly name = 'HarnessClosed'
}

/** Sends values to handlers through the real codec and dispatch, without a socket. */
export interface Harness {
  /** The answer as a client decodes it; null when there is none. Rejects with `HarnessClosed` in place of a closed connection. */
  send<Request, Response, RequestInput, ResponseInput>(
    api: Api<Request, Response, RequestInput, ResponseInput>,
    version: number,
    request: RequestInput,
  ): Promise<Response | null>
  /** As if the client had gone away: requests that wait are told. */
  disconnect(): void
  readonly connection: ConnectionState
}

/** Services that a handler reaches for and a test did not give fail by name. */
export function harness(handlers: readonly Handler[], given: Partial<Services>, options: HarnessOptions = {}): Harness {
  const rows = registry(handlers)
  const services = givenServices(given, rows.served)
  const bugs: string[] = []
  const connection: ConnectionState = {
    id: 1,
    peer: { host: '127.0.0.1', port: 50_000 },
    listener: options.listener ?? 'PLAINTEXT',
    securityProtocol: options.securityProtocol ?? 'PLAINTEXT',
    sasl: options.sasl ?? null,
    principal: options.principal ?? 'User:ANONYMOUS',
    clientSoftwareName: '',
    clientSoftwareVersion: '',
  }
  const table: DispatchTable = {
    registry: rows,
    services,
    authorizer: options.authorizer ?? allowAll,
    ...(options.large !== undefined && { large: options.large }),
    ...(options.answers !== undefined && { answers: options.answers }),
    logger: { ...services.logger, error: (_, fields) => bugs.push(String(fields?.['error'])) },
  }
  const waiting = new Map<ActiveRequest, () => void>()
  const owner: RequestOwner = {
    node: nodeId(options.node ?? 1),
    state: connection,
    quotas: options.quotas ?? noQuotas,
    requestMetrics: services.metrics.of(nodeId(options.node ?? 1)).requests,
    requestDone: (request) => waiting.get(request)?.(),
    requestResized: options.requestResized ?? (() => {}),
    waitWhileThereIsRoom: options.waitWhileThereIsRoom ?? (() => () => {}),
    countTowardsQuotas: () => {},
  }
  return {
    connection,
    async send(api, version, value) {
      const frame = requestFrame(api, version, value, options.clientId === undefined ? 'test' : options.clientId)
      const request = dispatch(table, owner, frame, 0, frame.length)
      if (!request.done) await new Promise<void>((resolve) => waiting.set(request, resolve))
      waiting.delete(request)
      if (request.closeReason !== null) throw new HarnessClosed([request.closeReason, ...bugs].join('\n'))
      return answerOf(api, request)
    },
    disconnect() {
      for (const request of waiting.keys()) request.connectionClosed()
    },
  }
}

const CORRELATION_ID = 7

/** Header and body, without the size. */
export function requestFrame<Request, Response, RequestInput, ResponseInput>(
  api: Api<Request, Response, RequestInput, ResponseInput>,
  version: number,
  request: RequestInput,
  clientId: string | null = 'test',
  correlationId = CORRELATION_ID,
): Buffer {
  const writer = new Writer()
  const header = { requestApiKey: api.key, requestApiVersion: version, correlationId, clientId }
  RequestHeader.write(writer, requestHeaderVersion(api.key, version), header)
  api.request.write(writer, version, request)
  return Buffer.from(writer.toBytes())
}

function answerOf<Request, Response, RequestInput, ResponseInput>(
  api: Api<Request, Response, RequestInput, ResponseInput>,
  request: ActiveRequest,
): Response | null {
  try {
    if (!request.hasResponse) return null
    const bytes = Buffer.concat(request.encode().chunks)
    const reader = new Reader(bytes, 4)
    ResponseHeader.read(reader, responseHeaderVersion(api.key, request.version))
    return api.response.read(reader, request.version)
  } finally {
    for (const release of request.takeReleases()) release()
  }
}

/** Services of which a test needs some; reaching for another one fails by name. */
export function givenServices(given: Partial<Services>, served: readonly ServedApi[]): Services {
  return new GivenServices(given, served)
}

class GivenServices implements Services {
  readonly served: readonly ServedApi[]
  readonly clock: Clock
  readonly prng: Prng
  readonly logger: Logger
  readonly metrics: BrokerMetrics
  private readonly given: Partial<Services>

  constructor(given: Partial<Services>, served: readonly ServedApi[]) {
    this.given = given
    this.served = given.served ?? served
    this.clock = given.clock ?? new ManualClock()
    this.prng = given.prng ?? new SeededPrng(1)
    this.logger = given.logger ?? silentLogger
    this.metrics = given.metrics ?? new BrokerMetrics()
  }

  get cluster(): ClusterView {
    return present(this.given.cluster, 'the test gave no `cluster`')
  }

  get acls(): AclView | null {
    return this.given.acls ?? null
  }

  get controller(): Controller {
    return present(this.given.controller, 'the test gave no `controller`')
  }

  get clientQuotas(): ClientQuotas {
    return present(this.given.clientQuotas, 'the test gave no `clientQuotas`')
  }

  get scramCredentials(): ScramCredentials {
    return present(this.given.scramCredentials, 'the test gave no `scramCredentials`')
  }

  get delegationTokens(): DelegationTokens {
    return present(this.given.delegationTokens, 'the test gave no `delegationTokens`')
  }

  get hostNames(): HostNames {
    return present(this.given.hostNames, 'the test gave no `hostNames`')
  }

  get configs(): Configs {
    return present(this.given.configs, 'the test gave no `configs`')
  }

  get loggers(): BrokerLoggers {
    return present(this.given.loggers, 'the test gave no `loggers`')
  }

  get settings(): BrokerSettings {
    return present(this.given.settings, 'the test gave no `settings`')
  }

  get partitions(): Partitions {
    return present(this.given.partitions, 'the test gave no `partitions`')
  }

  get logDirectories(): LogDirectoryTable {
    return present(this.given.logDirectories, 'the test gave no `logDirectories`')
  }

  get groups(): GroupCoordinators {
    return present(this.given.groups, 'the test gave no `groups`')
  }

  get transactions(): TransactionCoordinators {
    return present(this.given.transactions, 'the test gave no `transactions`')
  }

  get markers(): TransactionMarkers {
    return present(this.given.markers, 'the test gave no `markers`')
  }

  get firstSequences(): FirstSequences {
    return present(this.given.firstSequences, 'the test gave no `firstSequences`')
  }

  get producerIds(): ProducerIds {
    return present(this.given.producerIds, 'the test gave no `producerIds`')
  }

  telemetry(node: NodeId): ClientTelemetry {
    return present(this.given.telemetry, 'the test gave no `telemetry`')(node)
  }

  get pushed(): PushedSeries {
    return present(this.given.pushed, 'the test gave no `pushed`')
  }

  get fetchTurns(): FetchTurns {
    return present(this.given.fetchTurns, 'the test gave no `fetchTurns`')
  }

  get fetchMemory(): FetchMemory {
    return present(this.given.fetchMemory, 'the test gave no `fetchMemory`')
  }

  fetchSessions(node: NodeId): FetchSessions {
    return present(this.given.fetchSessions, 'the test gave no `fetchSessions`')(node)
  }
}
