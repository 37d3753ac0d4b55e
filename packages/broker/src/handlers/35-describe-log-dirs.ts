import type { LogDirectoryView } from '@odradek/log'
import { DescribeLogDirs, type DescribeLogDirsRequest, ErrorCode, type ResponseOf } from '@odradek/protocol'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import { handler } from '../handler.ts'
import { mapInTurns } from '../in-turns.ts'
import type { RequestContext } from '../request-context.ts'
import type { LocalPartition } from '../services.ts'

type Response = ResponseOf<typeof DescribeLogDirs>
type Topic = { name: string; partitions: Row[] }

interface Row {
  readonly partitionIndex: number
  readonly partitionSize: bigint
  readonly offsetLag: bigint
  readonly isFutureKey: boolean
}

/** What Kafka says where nothing is known. */
const UNKNOWN_BYTES = -1n

/**
 * DescribeLogDirs 0-5. Null topics are all, none are the directories alone; what does not exist is left out, and so is a
 * replica of another node, though all share the logs. A directory that is offline has its error and nothing else.
 */
export const describeLogDirs = handler(
  DescribeLogDirs,
  [0, 5],
  async (request, context) => {
    if (!context.authorize('DESCRIBE', 'CLUSTER', CLUSTER_RESOURCE)) {
      return { errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED, results: [] }
    }
    const topics = await topicsByDirectory(request, context)
    const directories = context.services.logDirectories.directories()
    return {
      errorCode: ErrorCode.NONE,
      results: directories.map((each) => resultOf(each, topics.get(each) ?? new Map())),
    }
  },
  { onBug: () => ({ errorCode: ErrorCode.UNKNOWN_SERVER_ERROR, results: [] }) },
)

function resultOf(directory: LogDirectoryView, topics: ReadonlyMap<string, Topic>): Response['results'][number] {
  const { path: logDir, failure } = directory
  const space = failure === null ? directory.space() : null
  return {
    errorCode: failure === null ? ErrorCode.NONE : ErrorCode.KAFKA_STORAGE_ERROR,
    logDir,
    topics: failure === null ? [...topics.values()] : [],
    totalBytes: space === null ? UNKNOWN_BYTES : BigInt(space.totalBytes),
    usableBytes: space === null ? UNKNOWN_BYTES : BigInt(space.usableBytes),
    isCordoned: directory.isCordoned,
  }
}

async function topicsByDirectory(
  request: DescribeLogDirsRequest,
  context: RequestContext,
): Promise<ReadonlyMap<LogDirectoryView, ReadonlyMap<string, Topic>>> {
  const { clock, logDirectories } = context.services
  const found = new Map<LogDirectoryView, Map<string, Topic>>()
  const add = (directory: LogDirectoryView, name: string, row: Row) => {
    const topics = found.get(directory) ?? new Map<string, Topic>()
    const topic = topics.get(name) ?? { name, partitions: [] }
    topic.partitions.push(row)
    found.set(directory, topics.set(name, topic))
  }
  await mapInTurns(clock, await askedPartitions(request, context), ({ topic, view, log }) => {
    const place = logDirectories.placeOf({ topicId: topic.id, partition: view.index })
    if (place === null) return
    const { directory, future } = place
    add(directory, topic.name, rowOf(view.index, log.sizeBytes, log.highWatermark - log.endOffset, false))
    if (future === null) return
    const lag = log.endOffset - future.endOffset
    add(future.directory, topic.name, rowOf(view.index, future.sizeBytes, lag, true))
  })
  return found
}

function rowOf(partitionIndex: number, sizeBytes: number, lag: number, isFutureKey: boolean): Row {
  const offsetLag = BigInt(Math.max(0, lag))
  return { partitionIndex, partitionSize: BigInt(sizeBytes), offsetLag, isFutureKey }
}

/** Each once. */
async function askedPartitions(
  { topics }: DescribeLogDirsRequest,
  context: RequestContext,
): Promise<readonly LocalPartition[]> {
  const { clock, cluster, partitions } = context.services
  const asked = new Map<string, Set<number>>()
  if (topics === null) {
    for (const topic of cluster.topics()) asked.set(topic.name, new Set(topic.partitions.keys()))
  }
  for (const { topic, partitions: indexes } of topics ?? []) {
    const known = asked.get(topic) ?? new Set<number>()
    for (const index of indexes) known.add(index)
    asked.set(topic, known)
  }
  const found = await mapInTurns(clock, [...asked], ([name, indexes]) => {
    const topic = cluster.topic(name)
    if (topic === undefined) return []
    return [...indexes].flatMap((index) => {
      const partition = partitions.find(topic, index)
      return partition?.view.replicas.includes(context.node) === true ? [partition] : []
    })
  })
  return found.flat()
}
