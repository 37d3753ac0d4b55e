import type { Later } from '@odradek/core'
import type { ProduceRequest, ProduceResponseInput } from '@odradek/protocol'
import { type AnswerLater, asLater } from '../answer-later.ts'
import { inSlices } from '../in-slices.ts'
import { nextTurn, ROWS_PER_TURN } from '../in-turns.ts'
import type { RequestContext } from '../request-context.ts'

type Answer = ProduceResponseInput | null
type Append = (slice: ProduceRequest) => Later<Answer> | AnswerLater<Answer>

const slices = inSlices<ProduceRequest, ProduceRequest['topicData'][number], ProduceResponseInput>({
  rows: ({ topicData }) => topicData,
  only: (request, topicData) => ({ ...request, topicData: [...topicData] }),
  // One of them is empty.
  key: ({ name, topicId }) => `${name} ${topicId}`,
  join: (responses) => {
    const endpoints = responses.flatMap(({ nodeEndpoints = [] }) => nodeEndpoints)
    return {
      responses: responses.flatMap(({ responses: topics = [] }) => topics),
      nodeEndpoints: [...new Map(endpoints.map((endpoint) => [endpoint.nodeId, endpoint])).values()],
    }
  },
})

/** A request with more topics than one turn is for: its bytes are copied, and `append` is given some topics at a time. */
export function inTurnsIfMany(
  request: ProduceRequest,
  context: RequestContext,
  append: Append,
): Later<Answer> | AnswerLater<Answer> {
  if (request.topicData.length <= ROWS_PER_TURN) return append(request)
  // What follows on the connection must not be appended before the rest of this.
  context.keepNextWaiting()
  ownBytes(request)
  return appendAll(request, context, append)
}

async function appendAll(
  request: ProduceRequest,
  { services, version }: RequestContext,
  append: Append,
): Promise<Answer> {
  await nextTurn(services.clock)
  const answers: Later<Answer>[] = []
  for (const slice of slices.split(request, version)) {
    await nextTurn(services.clock)
    const answer = asLater(append(slice))
    // Should one fail while the others are still begun, that is found when all are waited for.
    if (answer instanceof Promise) answer.catch(() => {})
    answers.push(answer)
  }
  const given = (await Promise.all(answers)).filter((answer) => answer !== null)
  await nextTurn(services.clock)
  return given.length === 0 ? null : slices.join(given)
}

/** The frame that the records lie in is another request's a moment later. */
function ownBytes({ topicData }: ProduceRequest): void {
  const rows = topicData.flatMap(({ partitionData }) => partitionData)
  const bytes = Buffer.allocUnsafe(rows.reduce((sum, { records }) => sum + (records?.length ?? 0), 0))
  let end = 0
  for (const row of rows) {
    if (row.records === null) continue
    const start = end
    bytes.set(row.records, start)
    end += row.records.length
    row.records = bytes.subarray(start, end)
  }
}
