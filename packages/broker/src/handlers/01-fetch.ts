import type { Later } from '@odradek/core'
import { Fetch, type FetchRequest, type FetchResponseInput } from '@odradek/protocol'
import { answerBytes } from '../fetch/answer-bytes.ts'
import { failedFetchResponse, fetchResponse } from '../fetch/fetch-answer.ts'
import { FetchRound } from '../fetch/fetch-round.ts'
import type { FetchExchange } from '../fetch/fetch-sessions.ts'
import { type FetchTerms, fetchTerms, isIsolationLevel } from '../fetch/fetch-terms.ts'
import { waitForMore } from '../fetch/fetch-wait.ts'
import type { FetchedRow } from '../fetch/fetched-row.ts'
import { handler } from '../handler.ts'
import type { RequestContext } from '../request-context.ts'

/** What a fetch keeps of a partition while it waits for more: what was read, and who tells it of more. */
const WAITING_PARTITION_BYTES = 1024

/**
 * Fetch 0-18. Up to version 3 records are converted to message formats 0 and 1; sessions from 7, followers from 11,
 * topic ids from 13, the consumer's rack from 11 (KIP-392). Kafka 4 begins at version 4. Over a quota the
 * answer is empty.
 */
export const fetch = handler(Fetch, [0, 18], answerFetch, {
  elementBytes: WAITING_PARTITION_BYTES,
  errorCodes: ({ errorCode = 0, responses = [] }, found) => {
    if (errorCode !== 0) found(errorCode)
    for (const { partitions = [] } of responses) for (const { errorCode: ofRow = 0 } of partitions) found(ofRow)
  },
  onBug: failedFetchResponse,
})

function answerFetch(request: FetchRequest, context: RequestContext): Later<FetchResponseInput | null> {
  // Kafka's parser of the isolation level throws, which ends in the answer to a bug.
  if (!isIsolationLevel(request.isolationLevel)) return failedFetchResponse(request, context.version)
  const opened = context.services.fetchSessions(context.node).open(request, context.version)
  if (!opened.ok) return fetchResponse({ errorCode: opened.errorCode, sessionId: 0, rows: [] }, context)
  const { exchange } = opened
  const terms = fetchTerms(request, context)
  const round = new FetchRound(exchange.targets, terms, context)
  const read = round.run()
  if (read instanceof Promise) return poll(round, read, exchange, terms, context)
  if (terms.waitMaxMs <= 0 || round.isSatisfied()) return respond(round, exchange, terms, context)
  return poll(round, read, exchange, terms, context)
}

/** Reads and waits in turn until there is enough or the client's time is over. */
async function poll(
  first: FetchRound,
  reading: Later<void>,
  exchange: FetchExchange,
  terms: FetchTerms,
  context: RequestContext,
): Promise<FetchResponseInput | null> {
  const { clock } = context.services
  const endMs = clock.monotonicMs() + terms.waitMaxMs
  let round = first
  await reading
  while (!round.isSatisfied()) {
    const leftMs = endMs - clock.monotonicMs()
    if (leftMs <= 0) break
    round.release()
    const why = await waitForMore(round, terms, leftMs, context)
    // Nobody is there to be answered.
    if (why === 'closed') return null
    round = new FetchRound(exchange.targets, terms, context)
    await round.run()
    if (why === 'short') break
  }
  return respond(round, exchange, terms, context)
}

function respond(
  round: FetchRound,
  exchange: FetchExchange,
  terms: FetchTerms,
  context: RequestContext,
): FetchResponseInput {
  const rows = round.rows()
  if (context.isLimited && isThrottled(rows, exchange, terms, context)) {
    round.release()
    return fetchResponse(exchange.throttled(), context)
  }
  return fetchResponse(exchange.answer(rows), context)
}

function isThrottled(
  rows: readonly FetchedRow[],
  exchange: FetchExchange,
  { replicaId }: FetchTerms,
  context: RequestContext,
): boolean {
  if (replicaId !== null) {
    context.exemptFromQuotas()
    return false
  }
  return context.fetchThrottleMs(answerBytes(rows, context.version, exchange.isIncremental)) > 0
}
