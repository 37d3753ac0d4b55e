import type { EndMarker } from '@odradek/coordinators'
import { producerId } from '@odradek/core'
import { ErrorCode, WriteTxnMarkers, type WriteTxnMarkersRequest } from '@odradek/protocol'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import { handler } from '../handler.ts'
import { inSlices } from '../in-slices.ts'
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
    slices: inSlices({
      rows: ({ markers }) => markers,
      only: (request, markers) => ({ ...request, markers: [...markers] }),
      join: (responses) => ({ markers: rowsByProducer(responses.flatMap(({ markers }) => markers)) }),
    }),
  },
)

type Marker = WriteTxnMarkersRequest['markers'][number]

interface PartitionRow {
  readonly partitionIndex: number
  errorCode: number
}

interface TopicRow {
  readonly name: string
  readonly partitions: readonly PartitionRow[]
}

interface Row {
  readonly producerId: bigint
  readonly topics: readonly TopicRow[]
}

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
  const rows: Row[] = []
  const asked: Promise<void>[] = []
  let begun = 0
  const begin = async (): Promise<void> => {
    if (++begun % ROWS_PER_TURN !== 0) return
    await Promise.all(asked.splice(0))
    await nextTurn(services.clock)
  }
  for (const marker of markers) {
    const topics: TopicRow[] = []
    rows.push({ producerId: marker.producerId, topics })
    for (const { name, partitionIndexes } of marker.topics) {
      await begin()
      const partitions: PartitionRow[] = []
      topics.push({ name, partitions })
      const seen = new Set<number>()
      for (const partitionIndex of partitionIndexes) {
        await begin()
        if (seen.has(partitionIndex)) continue
        seen.add(partitionIndex)
        const row: PartitionRow = { partitionIndex, errorCode: ErrorCode.NONE }
        partitions.push(row)
        asked.push(
          codeOf(marker, name, partitionIndex).then((code) => {
            row.errorCode = code
          }),
        )
      }
    }
  }
  await Promise.all(asked)
  return { markers: rowsByProducer(rows) }
}

/** As in Kafka a producer has one row, and there each partition one; of what several markers came to in it the last counts. */
function rowsByProducer(rows: readonly Row[]): readonly Row[] {
  const producers = oneOfEach(
    rows,
    ({ producerId }) => producerId,
    (same, { producerId }) => ({ producerId, topics: same.flatMap(({ topics }) => topics) }),
  )
  return producers.map(({ producerId, topics }) => ({ producerId, topics: topicsByName(topics) }))
}

/** Of each, partitions are given once. */
function topicsByName(rows: Row['topics']): Row['topics'] {
  return oneOfEach(
    rows,
    ({ name }) => name,
    (same, { name }) => ({ name, partitions: partitionsByIndex(same.flatMap(({ partitions }) => partitions)) }),
  )
}

function partitionsByIndex(rows: TopicRow['partitions']): TopicRow['partitions'] {
  return oneOfEach(
    rows,
    ({ partitionIndex }) => partitionIndex,
    (same, first) => same.at(-1) ?? first,
  )
}

/** Rows with the same key as one, where the first of them was. Few requests have any, but they may have very many rows. */
function oneOfEach<Item, Key>(
  rows: readonly Item[],
  keyOf: (row: Item) => Key,
  join: (same: readonly Item[], first: Item) => Item,
): readonly Item[] {
  if (rows.length < 2) return rows
  const firsts = new Map<Key, Item>()
  const repeated = new Map<Key, Item[]>()
  for (const row of rows) {
    const key = keyOf(row)
    const first = firsts.get(key)
    const same = repeated.get(key)
    if (first === undefined) firsts.set(key, row)
    else if (same === undefined) repeated.set(key, [first, row])
    else same.push(row)
  }
  if (repeated.size === 0) return rows
  return Array.from(firsts, ([key, first]) => {
    const same = repeated.get(key)
    return same === undefined ? first : join(same, first)
  })
}

function refusal({ markers }: WriteTxnMarkersRequest, errorCode: ErrorCode) {
  const rows = markers.map(({ producerId: id, topics }) => ({
    producerId: id,
    topics: topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: [...new Set(partitionIndexes)].map((partitionIndex) => ({ partitionIndex, errorCode })),
    })),
  }))
  return { markers: rowsByProducer(rows) }
}
