import { type TopicId, topicId, ZERO_TOPIC_ID } from '@odradek/core'
import { ErrorCode, type ProduceRequest, type ProduceRequestTopic } from '@odradek/protocol'
import { checkProduceRequest } from '@odradek/records'
import type { TopicView } from '../cluster-view.ts'
import type { RequestContext } from '../request-context.ts'
import { ProduceRow } from './produce-row.ts'

/** Requests name topics by id from this version on (KIP-516). */
const TOPIC_ID_VERSION_MIN = 13

const NO_RECORDS = new Uint8Array(0)

/** A topic of the request with its partitions; `topic` is null where all of its rows are refused. */
export interface ProduceTopic {
  readonly name: string
  readonly topicId: TopicId
  readonly topic: TopicView | null
  readonly rows: readonly ProduceRow[]
}

/** The request's rows by topic; a partition that it has twice has one row, with the last one's records, as in Kafka. */
export function produceTopics(request: ProduceRequest, context: RequestContext): ProduceTopic[] {
  const [first, second] = request.topicData
  const [partition, another] = first?.partitionData ?? []
  // Most requests have one partition, and nothing of them to be found again.
  if (first !== undefined && second === undefined && partition !== undefined && another === undefined)
    return [produceTopic(keyOf(first, context), [new ProduceRow(partition.index, partition.records)], context)]
  const records = new Map<string, Map<number, Uint8Array | null>>()
  for (const topic of request.topicData) {
    if (topic.partitionData.length === 0) continue
    const key = keyOf(topic, context)
    let partitions = records.get(key)
    if (partitions === undefined) {
      partitions = new Map()
      records.set(key, partitions)
    }
    for (const { index, records: bytes } of topic.partitionData) partitions.set(index, bytes)
  }
  return Array.from(records, ([key, partitions]) => {
    const rows = Array.from(partitions, ([index, bytes]) => new ProduceRow(index, bytes))
    return produceTopic(key, rows, context)
  })
}

/** What the request names the topic by: its id or its name. */
function keyOf({ name, topicId: id }: ProduceRequestTopic, { version }: RequestContext): string {
  return version >= TOPIC_ID_VERSION_MIN ? id : name
}

function produceTopic(key: string, rows: readonly ProduceRow[], context: RequestContext): ProduceTopic {
  const byId = context.version >= TOPIC_ID_VERSION_MIN
  const topic = topicOf(key, byId, context)
  for (const row of rows) {
    if (typeof topic === 'number') row.refuse(topic)
    else admit(row, topic, context.version)
  }
  return {
    name: byId ? '' : key,
    topicId: byId ? topicId(key) : ZERO_TOPIC_ID,
    topic: typeof topic === 'number' ? null : topic,
    rows,
  }
}

function topicOf(key: string, byId: boolean, context: RequestContext): TopicView | ErrorCode {
  const { cluster } = context.services
  if (byId) {
    const topic = cluster.topicById(topicId(key))
    if (topic === undefined) return ErrorCode.UNKNOWN_TOPIC_ID
    return context.authorize('WRITE', 'TOPIC', topic.name) ? topic : ErrorCode.TOPIC_AUTHORIZATION_FAILED
  }
  if (!context.authorize('WRITE', 'TOPIC', key)) return ErrorCode.TOPIC_AUTHORIZATION_FAILED
  return cluster.topic(key) ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
}

/** What is wrong with a row whatever its log says. */
function admit(row: ProduceRow, topic: TopicView, version: number): void {
  if (topic.partitions[row.index] === undefined) {
    row.refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    return
  }
  // Kafka never answers null records; they hold no more batch than empty ones.
  const refusal = checkProduceRequest(row.records ?? NO_RECORDS, version)
  if (refusal !== null) row.refuse(ErrorCode[refusal.error], refusal.message)
}
