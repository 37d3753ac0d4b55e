import type { EndMarker } from '@odradek/coordinators'
import { producerId } from '@odradek/core'
import { ErrorCode, WriteTxnMarkers, type WriteTxnMarkersRequest } from '@odradek/protocol'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import { handler } from '../handler.ts'
import { inSlices } from '../in-slices.ts'
import { mapInTurns } from '../in-turns.ts'
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

interface Row {
  readonly producerId: bigint
  readonly topics: readonly {
    readonly name: string
    readonly partitions: readonly { readonly partitionIndex: number; readonly errorCode: number }[]
  }[]
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

async function answer(
  { markers }: WriteTxnMarkersRequest,
  { services }: RequestContext,
  codeOf: (marker: Marker, name: string, index: number) => Promise<ErrorCode>,
) {
  const rows = markers.map(async (marker) => ({
    producerId: marker.producerId,
    topics: await mapInTurns(services.clock, marker.topics, async ({ name, partitionIndexes }) => ({
      name,
      partitions: await Promise.all(
        [...new Set(partitionIndexes)].map(async (partitionIndex) => ({
          partitionIndex,
          errorCode: await codeOf(marker, name, partitionIndex),
        })),
      ),
    })),
  }))
  return { markers: rowsByProducer(await Promise.all(rows)) }
}

/** As in Kafka a producer has one row, and there each partition one; of what several markers came to in it the last counts. */
function rowsByProducer(rows: readonly Row[]): Row[] {
  const producers = new Map<bigint, Map<string, Map<number, number>>>()
  for (const { producerId, topics } of rows) {
    const ofProducer = producers.get(producerId) ?? new Map<string, Map<number, number>>()
    producers.set(producerId, ofProducer)
    for (const { name, partitions } of topics) {
      const ofTopic = ofProducer.get(name) ?? new Map<number, number>()
      ofProducer.set(name, ofTopic)
      for (const { partitionIndex, errorCode } of partitions) ofTopic.set(partitionIndex, errorCode)
    }
  }
  return [...producers].map(([producerId, topics]) => ({
    producerId,
    topics: [...topics].map(([name, codes]) => ({
      name,
      partitions: [...codes].map(([partitionIndex, errorCode]) => ({ partitionIndex, errorCode })),
    })),
  }))
}

function refusal({ markers }: WriteTxnMarkersRequest, errorCode: ErrorCode) {
  const rows = markers.map(({ producerId: id, topics }) => ({
    producerId: id,
    topics: topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, errorCode })),
    })),
  }))
  return { markers: rowsByProducer(rows) }
}
