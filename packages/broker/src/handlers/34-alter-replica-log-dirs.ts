import { AlterReplicaLogDirs, type AlterReplicaLogDirsRequest, ErrorCode } from '@odradek/protocol'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import { handler } from '../handler.ts'
import { mapInTurns } from '../in-turns.ts'
import type { RequestContext } from '../request-context.ts'

/** Path by partition by topic: of a partition that is named twice, the last one. */
type Wishes = ReadonlyMap<string, ReadonlyMap<number, string>>
type CodeOf = (topicName: string, index: number, path: string) => ErrorCode

/**
 * AlterReplicaLogDirs 0-2. Answered once the move is planned; DescribeLogDirs shows how far it is. All nodes of the process
 * share the logs, so any of a partition's replicas moves them all. The directory of a partition that does not exist is
 * remembered for when it does, and the answer is an error all the same, as in Kafka.
 */
export const alterReplicaLogDirs = handler(
  AlterReplicaLogDirs,
  [0, 2],
  async (request, context) => {
    const isAllowed = context.authorize('ALTER', 'CLUSTER', CLUSTER_RESOURCE)
    const wishes = [...wishesOf(request)]
    const codeOf = (name: string, index: number, path: string) =>
      isAllowed ? move(name, index, path, context) : ErrorCode.CLUSTER_AUTHORIZATION_FAILED
    const rows = await mapInTurns(context.services.clock, wishes, (wish) => row(wish, codeOf))
    return { results: rows }
  },
  {
    onBug: (request) => ({
      results: Array.from(wishesOf(request), (wish) => row(wish, () => ErrorCode.UNKNOWN_SERVER_ERROR)),
    }),
  },
)

function wishesOf(request: AlterReplicaLogDirsRequest): Wishes {
  const wishes = new Map<string, Map<number, string>>()
  for (const { path, topics } of request.dirs) {
    for (const { name, partitions } of topics) {
      if (partitions.length === 0) continue
      const paths = wishes.get(name) ?? new Map<number, string>()
      for (const index of partitions) paths.set(index, path)
      wishes.set(name, paths)
    }
  }
  return wishes
}

function row([topicName, paths]: readonly [string, ReadonlyMap<number, string>], codeOf: CodeOf) {
  const partitions = Array.from(paths, ([partitionIndex, path]) => ({
    partitionIndex,
    errorCode: codeOf(topicName, partitionIndex, path),
  }))
  return { topicName, partitions }
}

function move(name: string, index: number, path: string, context: RequestContext): ErrorCode {
  const { cluster, logDirectories, partitions } = context.services
  const error = logDirectories.directoryError(path)
  if (error !== null) return ErrorCode[error]
  const isCordoned = logDirectories.directories().some((each) => each.path === path && each.isCordoned)
  if (isCordoned) return ErrorCode.INVALID_REPLICA_ASSIGNMENT
  const topic = cluster.topic(name)
  const partition = topic === undefined ? null : partitions.find(topic, index)
  if (topic === undefined || partition === null) {
    logDirectories.wish(name, index, path)
    const isKnown = topic?.partitions[index] !== undefined
    return isKnown ? ErrorCode.REPLICA_NOT_AVAILABLE : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  }
  if (!partition.view.replicas.includes(context.node)) return ErrorCode.REPLICA_NOT_AVAILABLE
  const refusal = logDirectories.move({ topicId: topic.id, topicName: name, partition: index }, path)
  return refusal === null ? ErrorCode.NONE : ErrorCode[refusal]
}
