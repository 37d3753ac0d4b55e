import type { EndMarker } from '@odradek/coordinators'
import { producerId } from '@odradek/core'
import { ErrorCode, WriteTxnMarkers, type WriteTxnMarkersRequest } from '@odradek/protocol'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import { handler } from '../handler.ts'
import { nextTurn, ROWS_PER_TURN } from '../in-turns.ts'
import { leaderError } from '../partitions/leadership.ts'
import type { RequestContext } from '../request-context.ts'

/**
 * WriteTxnMarkers 1-2. Kafka's coordinators end transactions by it; here they do without, and it serves an operator who
 * aborts a transaction that nobody else would end. From version 2 on with the version of transactions.
 */
export const writeTxnMarkers = handler(
  WriteTxnMarkers,
  [1, 2],
  async (request, context) => {
    context.exemptFromQuotas()
    const mayWrite =
      context.authorize('ALTER', 'CLUSTER', CLUSTER_RESOURCE) ||
      context.authorize('CLUSTER_ACTION', 'CLUSTER', CLUSTER_RESOURCE)
    if (!mayWrite) return answer(request, context, async () => ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
    return answer(request, context, (marker, name, index) => write(marker, name, index, context))
  },
  {
    onBug: (request) => refusal(request, ErrorCode.UNKNOWN_SERVER_ERROR),
  },
)

type Marker = WriteTxnMarkersRequest['markers'][number]

/** A partition's part of the answer; of what several markers come to in it the last counts. */
interface PartitionRow {
  readonly partitionIndex: number
  errorCode: number
  marker: Marker | null
}

type PartitionRows = Map<number, PartitionRow>
type TopicRows = Map<string, PartitionRows>
/** As in Kafka a producer has one row, in it each topic one, and there each partition. */
type ProducerRows = Map<bigint, TopicRows>

function write(marker: Marker, name: string, index: number, context: RequestContext): Promise<ErrorCode> {
  const { cluster, markers } = context.services
  const partition = cluster.topic(name)?.partitions[index]
  if (partition === undefined) return Promise.resolve(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  const refused = leaderError(partition, context.node)
  if (refused !== ErrorCode.NONE) return Promise.resolve(refused)
  const end: EndMarker = {
    producerId: producerId(marker.producerId),
    producerEpoch: marker.producerEpoch,
    committed: marker.transactionResult,
    coordinatorEpoch: marker.coordinatorEpoch,
    transactionVersion: marker.transactionVersion,
  }
  return markers.end(name, index, end)
}

/** In the order that was asked in, and in as many turns as all topics and partitions together need. */
async function answer(
  { markers }: WriteTxnMarkersRequest,
  { services }: RequestContext,
  codeOf: (marker: Marker, name: string, index: number) => Promise<ErrorCode>,
) {
  const rows: ProducerRows = new Map()
  const asked: Promise<void>[] = []
  let begun = 0
  const begin = async (): Promise<void> => {
    if (++begun % ROWS_PER_TURN !== 0) return
    await Promise.all(asked.splice(0))
    await nextTurn(services.clock)
  }
  for (const marker of markers) {
    await begin()
    const topics = madeIn(rows, marker.producerId, () => new Map())
    for (const { name, partitionIndexes } of marker.topics) {
      await begin()
      const partitions = madeIn(topics, name, () => new Map())
      for (const partitionIndex of partitionIndexes) {
        await begin()
        const row = rowIn(partitions, partitionIndex, ErrorCode.NONE)
        if (row.marker === marker) continue
        row.marker = marker
        asked.push(
          codeOf(marker, name, partitionIndex).then((code) => {
            if (row.marker === marker) row.errorCode = code
          }),
        )
      }
    }
  }
  await Promise.all(asked)
  return answerOf(rows)
}

/** What `map` has at `key`, made where it has nothing. */
function madeIn<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}

const rowIn = (partitions: PartitionRows, partitionIndex: number, errorCode: ErrorCode): PartitionRow =>
  madeIn(partitions, partitionIndex, () => ({ partitionIndex, errorCode, marker: null }))

function answerOf(rows: ProducerRows) {
  const topicsOf = (topics: TopicRows) =>
    Array.from(topics, ([name, partitions]) => ({ name, partitions: [...partitions.values()] }))
  return { markers: Array.from(rows, ([id, topics]) => ({ producerId: id, topics: topicsOf(topics) })) }
}

function refusal({ markers }: WriteTxnMarkersRequest, errorCode: ErrorCode) {
  const rows: ProducerRows = new Map()
  for (const marker of markers) {
    const topics = madeIn(rows, marker.producerId, () => new Map())
    for (const { name, partitionIndexes } of marker.topics) {
      const partitions = madeIn(topics, name, () => new Map())
      for (const partitionIndex of partitionIndexes) rowIn(partitions, partitionIndex, errorCode)
    }
  }
  return answerOf(rows)
}
