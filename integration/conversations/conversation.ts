import { normalize } from '../differential/normalize.ts'
import { isList, isObject, type Plain } from '../differential/transcript.ts'
import type { Exchange } from './recording-proxy.ts'

/** What says that something is still on its way: how often a client hears it is a matter of time. */
const PASSING: ReadonlySet<string> = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'UNKNOWN_TOPIC_ID',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_OR_FOLLOWER',
  'COORDINATOR_NOT_AVAILABLE',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'NOT_COORDINATOR',
  'CONCURRENT_TRANSACTIONS',
  'REBALANCE_IN_PROGRESS',
])

/** Where a consumer stands, and how much there is for it by then, depends on when it asks. */
const TIMED_FIELDS: ReadonlySet<string> = new Set([
  'sizeBytes',
  'fetchOffset',
  'sessionEpoch',
  'lastFetchedEpoch',
  'currentLeaderEpoch',
  // What is left of a client's patience, and what it says of itself.
  'timeoutMs',
  'reason',
])
const TIMED_FETCH_FIELDS: ReadonlySet<string> = new Set(['highWatermark', 'lastStableOffset', 'records', 'sessionId'])

/** One kind of exchange: its request and its answer, once, however often it took place. */
export interface Turn {
  readonly [name: string]: Plain
  readonly api: string
  readonly version: number
  readonly request: Plain
  readonly answer: Plain
}

/**
 * A client's conversation in the form that is compared: ids, times and hosts as symbols, polls that found nothing left out, what was
 * said again left out, and all in a fixed order, since connections do not wait for each other.
 */
export function conversationOf(exchanges: readonly Exchange[]): readonly Turn[] {
  const answers = exchanges.map(({ api, version, request, answer }) => ({ api, version, answer: { request, answer } }))
  const turns = normalize(answers, '').flatMap(({ api, version, answer: both }) => {
    if (!isObject(both)) return []
    const turn = { api, version, request: both['request'] ?? null, answer: both['answer'] ?? null }
    return isPassing(turn.answer) ? [] : turnsOf(turn)
  })
  const seen = new Set<string>()
  const first = turns.filter((turn) => {
    const text = JSON.stringify(turn)
    if (seen.has(text)) return false
    seen.add(text)
    return true
  })
  return first.sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))
}

const orderOf = ({ api, version, ...rest }: Turn): string =>
  `${api} ${String(version).padStart(2, '0')} ${JSON.stringify(rest)}`

/** Which keys and versions a broker lists is compared elsewhere; here the versions that a client picks tell. */
const LISTS_OF_VERSIONS: ReadonlySet<string> = new Set([
  'apiKeys',
  'supportedFeatures',
  'finalizedFeatures',
  'finalizedFeaturesEpoch',
])

function turnsOf(turn: Turn): readonly Turn[] {
  if (turn.api === 'ApiVersions' && isObject(turn.answer))
    return [{ ...turn, answer: without(turn.answer, LISTS_OF_VERSIONS) }]
  if (turn.api === 'Fetch') return fetchTurns(turn)
  if (turn.api === 'OffsetCommit') return commitTurns(turn)
  // How often a member lives depends on time: that it does is not worth a turn.
  if (turn.api === 'Heartbeat' && isObject(turn.answer) && turn.answer['errorCode'] === 'NONE') return []
  return [{ ...turn, request: untimed(turn.request), answer: untimed(turn.answer) }]
}

/** How far a consumer has come when it commits, and for which partitions at a time, depends on time. */
function commitTurns({ api, version, request, answer }: Turn): readonly Turn[] {
  if (!isObject(request) || !isObject(answer)) return []
  const { topics: _topics, ...question } = request
  const { topics, ...said } = answer
  return rowsOf(topics).flatMap((topic) =>
    rowsOf(topic['partitions']).map((row) => ({
      api,
      version,
      request: untimed(question),
      answer: untimed({ ...said, topics: [{ ...topic, partitions: [row] }] }),
    })),
  )
}

/** Which partitions a consumer asks for together is a matter of time, too: each with records or an error is a turn by itself. */
function fetchTurns({ api, version, request, answer }: Turn): readonly Turn[] {
  if (!isObject(request) || !isObject(answer)) return []
  const { topics: _topics, forgottenTopicsData: _forgotten, ...question } = request
  const { responses, ...said } = answer
  if (said['errorCode'] !== undefined && said['errorCode'] !== 'NONE')
    return [{ api, version, request: untimed(question), answer: untimed(said) }]
  return rowsOf(responses).flatMap((topic) =>
    rowsOf(topic['partitions']).flatMap((row) => {
      const hasSomething = row['errorCode'] !== 'NONE' || (isList(row['records']) && row['records'].length > 0)
      if (!hasSomething) return []
      const { partitionIndex = null } = row
      const shown = [without(row, TIMED_FETCH_FIELDS), ...batchesIn(row).map((batch) => ({ partitionIndex, batch }))]
      return shown.map((partition) => ({
        api,
        version,
        request: untimed(without(question, TIMED_FETCH_FIELDS)),
        answer: untimed({ ...without(said, TIMED_FETCH_FIELDS), responses: [{ ...topic, partitions: [partition] }] }),
      }))
    }),
  )
}

/**
 * How many come in one answer is a matter of time, so each counts by itself. Whether a transaction has ended by the time that its
 * topic is read is one too.
 */
function batchesIn(row: { readonly [name: string]: Plain }): readonly Plain[] {
  return rowsOf(row['records']).filter(({ isTransactional }) => isTransactional !== true)
}

function rowsOf(value: Plain | undefined): readonly { readonly [name: string]: Plain }[] {
  return isList(value) ? value.filter((row) => isObject(row)) : []
}

function without(
  value: { readonly [name: string]: Plain },
  fields: ReadonlySet<string>,
): { readonly [name: string]: Plain } {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !fields.has(name)))
}

function untimed(value: Plain): Plain {
  if (isList(value)) return value.map(untimed)
  if (!isObject(value)) return value
  const kept = Object.entries(value).filter(([name]) => !TIMED_FIELDS.has(name))
  return Object.fromEntries(kept.map(([name, inner]) => [name, untimed(inner)]))
}

function isPassing(value: Plain): boolean {
  if (isList(value)) return value.some(isPassing)
  if (!isObject(value)) return false
  return Object.entries(value).some(([name, inner]) => {
    return name === 'errorCode' || name.endsWith('ErrorCode')
      ? typeof inner === 'string' && PASSING.has(inner)
      : isPassing(inner)
  })
}
