import { type Prng, type TopicId, topicId, ZERO_TOPIC_ID } from '@odradek/core'
import { DeleteTopics, type DeleteTopicsRequest, ErrorCode, type ResponseOf } from '@odradek/protocol'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import { handler } from '../handler.ts'
import { mapInTurns } from '../in-turns.ts'
import { within } from '../metadata/within.ts'
import type { RequestContext } from '../request-context.ts'

type Row = ResponseOf<typeof DeleteTopics>['responses'][number]

const NO_RIGHT = 'The right to delete this topic is missing'

/** What the request asks for, without what is wrong with it on its face. */
interface Asked {
  readonly names: ReadonlySet<string>
  readonly ids: ReadonlySet<TopicId>
}

/** From here on clients know THROTTLING_QUOTA_EXCEEDED (KIP-599). */
const STRICT_VERSION_MIN = 5

/**
 * DeleteTopics 0-6. From 6 on by name or by id (KIP-516). The topic is gone when this is answered, its files soon after.
 * Rows are shuffled as in Kafka: their places must not tell a missing topic from a hidden one.
 */
export const deleteTopics = handler(
  DeleteTopics,
  [0, 6],
  async (request, context) => {
    const { clock, controller, prng, settings } = context.services
    if (!settings.deleteTopicEnable) {
      const isNamed = context.version >= 3
      return everyRow(request, isNamed ? ErrorCode.TOPIC_DELETION_DISABLED : ErrorCode.INVALID_REQUEST)
    }
    if (request.timeoutMs <= 0) return everyRow(request, ErrorCode.REQUEST_TIMED_OUT)
    const rows: Row[] = []
    const doomed = [...(await resolve(sortOut(request, rows), rows, context))]
    const quota = context.mutationQuota(STRICT_VERSION_MIN)
    const work = controller.deleteTopics(
      doomed.map(([id]) => id),
      quota,
    )
    const results = await within(clock, request.timeoutMs, work)
    if (results === null) return everyRow(request, ErrorCode.REQUEST_TIMED_OUT)
    for (const [index, [id, name]] of doomed.entries()) {
      const { error, message } = results[index] ?? { error: 'UNKNOWN_SERVER_ERROR', message: null }
      rows.push(row(name, id, ErrorCode[error], message))
    }
    return { responses: shuffled(rows, prng) }
  },
  { onBug: (request) => everyRow(request, ErrorCode.UNKNOWN_SERVER_ERROR) },
)

/** Each name and id once; what was given twice, in both ways or in none gets its row here. */
function sortOut({ topicNames, topics }: DeleteTopicsRequest, rows: Row[]): Asked {
  const names: string[] = [...topicNames]
  const ids: TopicId[] = []
  for (const { name, topicId: id } of topics) {
    if (name !== null && id !== ZERO_TOPIC_ID) {
      rows.push(row(name, id, ErrorCode.INVALID_REQUEST, 'Only one of name and id may be given'))
    } else if (name !== null) names.push(name)
    else if (id !== ZERO_TOPIC_ID) ids.push(topicId(id))
    else rows.push(row(null, id, ErrorCode.INVALID_REQUEST, 'Neither name nor id was given'))
  }
  const [onceNamed, twiceNamed] = split(names)
  const [onceGiven, twiceGiven] = split(ids)
  for (const name of twiceNamed) {
    rows.push(row(name, ZERO_TOPIC_ID, ErrorCode.INVALID_REQUEST, 'The topic is named twice'))
  }
  for (const id of twiceGiven) rows.push(row(null, id, ErrorCode.INVALID_REQUEST, 'The topic id is given twice'))
  return { names: onceNamed, ids: onceGiven }
}

/** Values that are there once, and those that are there more often. */
function split<T>(values: readonly T[]): readonly [once: ReadonlySet<T>, more: ReadonlySet<T>] {
  const once = new Set<T>()
  const more = new Set<T>()
  for (const value of values) {
    if (more.has(value)) continue
    if (!once.delete(value)) once.add(value)
    else more.add(value)
  }
  return [once, more]
}

/** The topics that may be deleted; the others get their row. */
async function resolve(
  { names, ids }: Asked,
  rows: Row[],
  context: RequestContext,
): Promise<ReadonlyMap<TopicId, string>> {
  const { clock, cluster } = context.services
  const doomed = new Map<TopicId, string>()
  const mayDeleteAny = context.authorize('DELETE', 'CLUSTER', CLUSTER_RESOURCE)
  const mayDelete = (name: string) => mayDeleteAny || context.authorize('DELETE', 'TOPIC', name)
  await mapInTurns(clock, [...ids], (id) => {
    const name = cluster.topicById(id)?.name
    if (name === undefined) rows.push(row(null, id, ErrorCode.UNKNOWN_TOPIC_ID, `There is no topic with id ${id}`))
    else if (mayDelete(name)) doomed.set(id, name)
    else {
      // The name is only told to those who may know it.
      const shown = context.authorize('DESCRIBE', 'TOPIC', name) ? name : null
      rows.push(row(shown, id, ErrorCode.TOPIC_AUTHORIZATION_FAILED, NO_RIGHT))
    }
  })
  await mapInTurns(clock, [...names], (name) => {
    const id = cluster.topic(name)?.id
    const mayKnow = mayDeleteAny || context.authorize('DESCRIBE', 'TOPIC', name)
    if (!mayKnow) rows.push(row(name, ZERO_TOPIC_ID, ErrorCode.TOPIC_AUTHORIZATION_FAILED, NO_RIGHT))
    else if (id === undefined) {
      rows.push(row(name, ZERO_TOPIC_ID, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `There is no topic '${name}'`))
    } else if (!mayDelete(name)) {
      rows.push(row(name, ZERO_TOPIC_ID, ErrorCode.TOPIC_AUTHORIZATION_FAILED, NO_RIGHT))
    } else if (doomed.delete(id)) {
      rows.push(row(name, id, ErrorCode.INVALID_REQUEST, 'The topic is given by name and by id'))
    } else doomed.set(id, name)
  })
  return doomed
}

function everyRow({ topicNames, topics }: DeleteTopicsRequest, errorCode: ErrorCode) {
  const byName = topicNames.map((name) => row(name, ZERO_TOPIC_ID, errorCode, null))
  const byEither = topics.map(({ name, topicId: id }) => row(name, id, errorCode, null))
  return { responses: [...byName, ...byEither] }
}

function row(name: string | null, id: string, errorCode: ErrorCode, errorMessage: string | null): Row {
  return { name, topicId: id, errorCode, errorMessage }
}

/** Each order is as likely as any other (Fisher and Yates). */
function shuffled<T>(values: readonly T[], prng: Prng): T[] {
  const mixed: T[] = []
  for (const value of values) {
    const at = prng.below(mixed.length + 1)
    const moved = mixed[at]
    if (moved !== undefined) mixed.push(moved)
    mixed[at] = value
  }
  return mixed
}
