import { DescribeQuorum, type DescribeQuorumRequest, ErrorCode, type ResponseOf } from '@odradek/protocol'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import { handler } from '../handler.ts'
import type { RequestContext } from '../request-context.ts'

type Response = ResponseOf<typeof DescribeQuorum>

/** Directory ids and endpoints. (KIP-853) */
const DETAILS_VERSION_MIN = 2

const METADATA_TOPIC = '__cluster_metadata'
/** What Kafka shows of a voter of a quorum that was configured, not formatted. */
const NO_DIRECTORY = 'AAAAAAAAAAAAAAAAAAAAAA'

/**
 * DescribeQuorum 0-2 (KIP-595). There is one voter, the first node that is up, and it leads, as Metadata and DescribeCluster
 * say of the controller; the other nodes read the same log. From 2 on with the voter's endpoints, which are those of its listeners for clients.
 */
export const describeQuorum = handler(
  DescribeQuorum,
  [0, 2],
  (request, context): Response => {
    if (!context.authorize('DESCRIBE', 'CLUSTER', CLUSTER_RESOURCE))
      return refused([], ErrorCode.CLUSTER_AUTHORIZATION_FAILED, 'Cluster authorization failed.')
    const { topics } = request
    if (topics.length === 0) return refused([], ErrorCode.NONE, '')
    const [topic] = topics
    const [partition] = topic?.partitions ?? []
    const isAlone = topics.length === 1 && topic?.partitions.length === 1
    if (isAlone && topic.topicName === METADATA_TOPIC && partition?.partitionIndex === 0) return found(context)
    return refused(topics.map(unknownTopic), ErrorCode.NONE, '')
  },
  { onBug: () => refused([], ErrorCode.UNKNOWN_SERVER_ERROR, null) },
)

function unknownTopic({ topicName, partitions }: DescribeQuorumRequest['topics'][number]): Response['topics'][number] {
  return {
    topicName,
    partitions: partitions.map(({ partitionIndex }) => ({
      partitionIndex,
      errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
      errorMessage: 'This server does not host this topic-partition.',
      leaderId: 0,
      leaderEpoch: 0,
      highWatermark: 0n,
      currentVoters: [],
      observers: [],
    })),
  }
}

function found({ services, version }: RequestContext): Response {
  const { cluster, controller, clock, logDirectories } = services
  const { leader, leaderEpoch, highWatermark } = controller.quorum()
  const hasDetails = version >= DETAILS_VERSION_MIN
  const nowMs = BigInt(Math.floor(clock.wallMs()))
  const state = (replicaId: number, replicaDirectoryId: string) => ({
    replicaId,
    replicaDirectoryId,
    logEndOffset: highWatermark,
    lastFetchTimestamp: nowMs,
    lastCaughtUpTimestamp: nowMs,
  })
  const [directory] = logDirectories.directories()
  const observers = cluster.nodes().filter(({ id }) => id !== leader)
  const partition = {
    partitionIndex: 0,
    errorCode: ErrorCode.NONE,
    errorMessage: '',
    leaderId: leader,
    leaderEpoch,
    highWatermark,
    currentVoters: [state(leader, NO_DIRECTORY)],
    observers: observers.map(({ id }) => state(id, hasDetails ? (directory?.id ?? NO_DIRECTORY) : NO_DIRECTORY)),
  }
  const voter = cluster.registeredNodes().find(({ node }) => node.id === leader)
  const listeners = Array.from(voter?.node.endpoints ?? [], ([name, { host, port }]) => ({ name, host, port }))
  const topics = [{ topicName: METADATA_TOPIC, partitions: [partition] }]
  return {
    errorCode: ErrorCode.NONE,
    errorMessage: '',
    topics,
    nodes: hasDetails ? [{ nodeId: leader, listeners }] : [],
  }
}

function refused(topics: Response['topics'], errorCode: ErrorCode, errorMessage: string | null): Response {
  return { errorCode, errorMessage, topics, nodes: [] }
}
