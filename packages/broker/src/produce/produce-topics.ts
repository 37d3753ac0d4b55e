import { type TopicId, topicId, ZERO_TOPIC_ID } from '@odradek/core'
import { ErrorCode, type ProduceRequest } from '@odradek/protocol'
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
  const byId = context.version >= TOPIC_ID_VERSION_MIN
  const records = new Map<string, Map<number, Uint8Array | null>>()
  for (const { name, topicId: id, partitionData } of request.topicData) {
    const key = byId ? id : name
    let partitions = records.get(key)
    if (partitions === undefined) {
      partitions = new Map()
      records.set(key, partitions)
    }
    for (const { index, records: bytes } of partitionData) partitions.set(index, bytes)
  }
  return Array.from(records, ([key, partitions]) => {
    const rows = Array.from(partitions, ([index, bytes]) => new ProduceRow(index, bytes))
    const topic = topicOf(key, byId, context)
    if (typeof topic === 'number') for (const row of rows) row.refuse(topic)
    else for (const row of rows) admit(row, topic, context.version)
    const view = typeof topic === 'number' ? null : topic
    return { name: byId ? '' : key, topicId: byId ? topicId(key) : ZERO_TOPIC_ID, topic: view, rows }
  })
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
