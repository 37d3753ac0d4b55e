import { CreatePartitions, type CreatePartitionsRequest, ErrorCode, type ResponseOf } from '@odradek/protocol'
import { handler } from '../handler.ts'
import { within } from '../metadata/within.ts'
import type { RequestContext } from '../request-context.ts'

type Row = ResponseOf<typeof CreatePartitions>['results'][number]

/** From here on clients know THROTTLING_QUOTA_EXCEEDED (KIP-599). */
const STRICT_VERSION_MIN = 3

/** CreatePartitions 0-3: more partitions for topics that are there. Those they have keep their numbers and replicas. */
export const createPartitions = handler(
  CreatePartitions,
  [0, 3],
  async (request, context) => {
    if (request.timeoutMs <= 0) return everyRow(request, ErrorCode.REQUEST_TIMED_OUT, null)
    const refused = refusals(request, context)
    const commands = request.topics
      .filter(({ name }) => !refused.has(name))
      .map(({ name, count, assignments }) => ({
        name,
        count,
        assignments: assignments === null ? null : assignments.map(({ brokerIds }) => brokerIds),
      }))
    const { clock, controller } = context.services
    const quota = context.mutationQuota(STRICT_VERSION_MIN)
    const work = controller.createPartitions(commands, request.validateOnly, quota)
    const results = await within(clock, request.timeoutMs, work)
    if (results === null) return everyRow(request, ErrorCode.REQUEST_TIMED_OUT, null)
    const [first] = results
    if (first?.refusesRequest === true) return everyRow(request, ErrorCode.POLICY_VIOLATION, first.message)
    const rows = commands.map(({ name }, index) => {
      const { error, message } = results[index] ?? { error: 'UNKNOWN_SERVER_ERROR', message: null }
      return { name, errorCode: ErrorCode[error], errorMessage: message }
    })
    return { results: [...refused.values(), ...rows] }
  },
  { onBug: (request) => everyRow(request, ErrorCode.UNKNOWN_SERVER_ERROR, null) },
)

/** Rows of the names that never reach the controller, each name once. */
function refusals({ topics }: CreatePartitionsRequest, context: RequestContext): ReadonlyMap<string, Row> {
  const rows = new Map<string, Row>()
  const seen = new Set<string>()
  for (const { name } of topics) {
    if (seen.has(name)) {
      const errorMessage = 'The topic is named twice in the request'
      rows.set(name, { name, errorCode: ErrorCode.INVALID_REQUEST, errorMessage })
    } else if (!context.authorize('ALTER', 'TOPIC', name)) {
      const errorMessage = 'The right to alter this topic is missing'
      rows.set(name, { name, errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED, errorMessage })
    }
    seen.add(name)
  }
  return rows
}

function everyRow({ topics }: CreatePartitionsRequest, errorCode: ErrorCode, errorMessage: string | null) {
  return { results: topics.map(({ name }) => ({ name, errorCode, errorMessage })) }
}
