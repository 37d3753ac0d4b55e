import type { Later } from '@odradek/core'
import { ErrorCode, errorName, Produce, type ProduceRequest, type ProduceResponseInput } from '@odradek/protocol'
import { AnswerLater, asLater } from '../answer-later.ts'
import { handler } from '../handler.ts'
import { ACKS_ALL, appendRow } from '../produce/append-row.ts'
import { joinTransaction } from '../produce/join-transaction.ts'
import { inTurnsIfMany } from '../produce/many-topics.ts'
import { countProduced, failedProduceResponse, firstError, produceResponse } from '../produce/produce-answer.ts'
import { type ProduceTopic, produceTopics } from '../produce/produce-topics.ts'
import { hasTransactionalBatch } from '../produce/transactional.ts'
import type { RequestContext } from '../request-context.ts'

const ACKS_NONE = 0
const ACKS_LEADER = 1

/**
 * The client's time-out is about replicas that do not keep up. What is waited for here is the device of this machine,
 * which Kafka with one replica does not wait for at all: a client that gives it no time would never be acknowledged.
 */
const TIMEOUT_MS_MIN = 1000

/**
 * Produce 0-13. Message formats 0 and 1 up to version 2 (Kafka 4 refuses those), zstd from 7, record errors from 8,
 * topic ids from 13. Transactional batches need their partition in the transaction: up to version 11 the client has
 * added it, from 12 on this does. Plain batches in a request with a transactional id are stored as such, as in Kafka.
 * Every batch is with its log, or copied, when this first yields, so the request's bytes are borrowed, not copied.
 */
export const produce = handler(Produce, [0, 13], answerProduce, {
  borrowsFrame: true,
  errorCodes: ({ responses = [] }, found) => {
    for (const { partitionResponses = [] } of responses)
      for (const { errorCode = 0 } of partitionResponses) found(errorCode)
  },
  onBug: (request) =>
    request.acks === ACKS_NONE ? null : failedProduceResponse(request, ErrorCode.UNKNOWN_SERVER_ERROR),
})

type Answer = ProduceResponseInput | null

function answerProduce(request: ProduceRequest, context: RequestContext): Later<Answer> | AnswerLater<Answer> {
  const isTransactional = hasTransactionalBatch(request)
  return inTurnsIfMany(request, context, (slice) => answerSlice(slice, isTransactional, context))
}

function answerSlice(
  request: ProduceRequest,
  isTransactional: boolean,
  context: RequestContext,
): Later<Answer> | AnswerLater<Answer> {
  if (!isTransactional) return append(request, produceTopics(request, context), context)
  const { transactionalId, acks } = request
  if (transactionalId === null || !context.authorize('WRITE', 'TRANSACTIONAL_ID', transactionalId))
    return refuseAll(request, ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, context)
  const topics = produceTopics(request, context)
  if (!isKnownAcks(acks)) return append(request, topics, context)
  const joined = joinTransaction(topics, transactionalId, acks, context)
  if (joined === ErrorCode.NONE) return append(request, topics, context)
  if (joined instanceof Promise) return joined.then(() => asLater(append(request, topics, context)))
  return refuseAll(request, joined, context)
}

function append(
  { acks, timeoutMs }: ProduceRequest,
  topics: readonly ProduceTopic[],
  context: RequestContext,
): Answer | AnswerLater<Answer> {
  if (!isKnownAcks(acks)) {
    for (const { rows } of topics) for (const row of rows) if (!row.refused) row.refuse(ErrorCode.INVALID_REQUIRED_ACKS)
    return produceResponse(topics, context)
  }
  const appends = new Appends()
  appendAll(topics, acks, appends, context)
  if (appends.pending === 0) return answerOf(topics, acks, context)
  const later = new AnswerLater<Answer>()
  const cancel = acks === ACKS_ALL ? context.services.clock.after(Math.max(timeoutMs, TIMEOUT_MS_MIN), timeOut) : null
  appends.whenDone = (): void => {
    cancel?.()
    later.give(answerOf(topics, acks, context))
  }
  /** What is not durable yet stays appended; the client hears that it took too long. */
  function timeOut(): void {
    appends.whenDone = null
    for (const { rows } of topics) for (const row of rows) if (row.pending) row.refuse(ErrorCode.REQUEST_TIMED_OUT)
    later.give(produceResponse(topics, context))
  }
  return later
}

const isKnownAcks = (acks: number): boolean => acks === ACKS_ALL || acks === ACKS_NONE || acks === ACKS_LEADER

/** Counts the batches that a request waits for: one promise a request, not one a partition. */
class Appends {
  pending = 0
  whenDone: (() => void) | null = null

  readonly done = (): void => {
    this.pending--
    if (this.pending === 0) this.whenDone?.()
  }
}

function appendAll(topics: readonly ProduceTopic[], acks: number, appends: Appends, context: RequestContext): void {
  const terms = { acks, now: context.services.clock.wallMs() }
  for (const { topic, rows } of topics) {
    if (topic === null) continue
    for (const row of rows) {
      if (!row.refused && appendRow(row, topic, terms, context, appends.done)) appends.pending++
    }
  }
}

function answerOf(topics: readonly ProduceTopic[], acks: number, context: RequestContext): ProduceResponseInput | null {
  if (acks !== ACKS_NONE) return produceResponse(topics, context)
  countProduced(topics, context)
  const errorCode = firstError(topics)
  if (errorCode !== ErrorCode.NONE) closeUnanswered(errorCode, context)
  return null
}

function refuseAll(
  request: ProduceRequest,
  errorCode: ErrorCode,
  context: RequestContext,
): ProduceResponseInput | null {
  if (request.acks !== ACKS_NONE) return failedProduceResponse(request, errorCode)
  closeUnanswered(errorCode, context)
  return null
}

/** With acks 0 there is no other way to make a client ask for new metadata. */
function closeUnanswered(errorCode: ErrorCode, context: RequestContext): void {
  context.close(`Produce with acks 0 failed: ${errorName(errorCode)}`)
}
