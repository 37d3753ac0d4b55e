import { type Api, ErrorCode } from '@odradek/protocol'
import type { WireClient } from '../harness/wire-client.ts'
import { CLUSTER_NAME, type OPERATIONS, type Resource } from './acl-codes.ts'

/** What a principal needs, and the error that it gets without. */
export interface Right {
  readonly operation: keyof typeof OPERATIONS
  readonly resource: Resource
  readonly name: string
  readonly refusal: number
}

/** What there is on the broker when a row's request is made. */
export interface AccessWorld {
  /** Of the topic named `TOPIC`. */
  readonly topicId: string
}

export const TOPIC = 'access-topic'
export const GROUP = 'access-group'
export const TRANSACTIONAL_ID = 'access-id'

/** One request, and who may make it. */
export interface AccessRow {
  readonly name: string
  readonly apiKey: number
  /** Each a set of rights that is enough by itself; none: everybody may. */
  readonly ways: readonly (readonly Right[])[]
  /** What must be denied for nobody to be allowed; the first right of every way, unless said otherwise. */
  readonly denied: readonly Right[]
  /** What is asked would go away if it were allowed. */
  readonly onlyRefused: boolean
  /** Error codes besides the refusal depend on what else there is, or on time. */
  readonly codesVary: boolean
  ask(client: WireClient, world: AccessWorld): Promise<unknown>
  /** Whether the answer keeps back what it is about without an error; null: a refusal is an error. */
  readonly hides: ((answer: unknown) => boolean) | null
}

export interface RowOptions {
  readonly note?: string
  readonly denied?: readonly Right[]
  readonly onlyRefused?: boolean
  readonly codesVary?: boolean
  /** The answer to who may is in these words, the answer to who may not is without. */
  readonly shows?: string
}

export function row<Request, Response, RequestInput, ResponseInput>(
  api: Api<Request, Response, RequestInput, ResponseInput>,
  version: number,
  request: RequestInput | ((world: AccessWorld) => RequestInput),
  ways: readonly (readonly Right[])[],
  { note, denied, shows, onlyRefused = false, codesVary = shows !== undefined }: RowOptions = {},
): AccessRow {
  const isMade = (value: typeof request): value is (world: AccessWorld) => RequestInput => typeof value === 'function'
  return {
    name: `${api.name} ${version}${note === undefined ? '' : `, ${note}`}`,
    apiKey: api.key,
    ways,
    denied: denied ?? ways.flatMap((way) => way.slice(0, 1)),
    onlyRefused,
    codesVary,
    ask: (client, world) => client.call(api, version, isMade(request) ? request(world) : request),
    hides: shows === undefined ? null : (answer) => !textOf(answer).includes(JSON.stringify(shows)),
  }
}

function textOf(answer: unknown): string {
  return JSON.stringify(answer, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value))
}

export const topic = (operation: Right['operation'], name = TOPIC): Right => ({
  operation,
  resource: 'TOPIC',
  name,
  refusal: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
})

export const group = (operation: Right['operation'], name = GROUP): Right => ({
  operation,
  resource: 'GROUP',
  name,
  refusal: ErrorCode.GROUP_AUTHORIZATION_FAILED,
})

export const transactional = (operation: Right['operation'], name = TRANSACTIONAL_ID): Right => ({
  operation,
  resource: 'TRANSACTIONAL_ID',
  name,
  refusal: ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
})

/** A right on the cluster; what is refused without it may have another error. */
export const cluster = (
  operation: Right['operation'],
  refusal: number = ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
): Right => ({ operation, resource: 'CLUSTER', name: CLUSTER_NAME, refusal })
