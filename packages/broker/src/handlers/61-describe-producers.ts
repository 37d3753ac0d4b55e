import type { ProducerView } from '@odradek/log'
import { DescribeProducers, ErrorCode } from '@odradek/protocol'
import { handler } from '../handler.ts'
import { eachOnce, mapInTurns } from '../in-turns.ts'
import { topicNameProblem } from '../metadata/topic-name.ts'
import { leaderError } from '../partitions/leadership.ts'
import type { RequestContext } from '../request-context.ts'

/** DescribeProducers 0: what the leader of a partition knows of producers, and since where their transactions are open. */
export const describeProducers = handler(
  DescribeProducers,
  [0, 0],
  async (request, context) => {
    const { clock } = context.services
    const partitionsOf = eachOnce((name: string) => eachOnce((index: number) => describe(name, index, context)))
    return {
      topics: await mapInTurns(clock, request.topics, async ({ name, partitionIndexes }) => ({
        name,
        partitions: await mapInTurns(clock, partitionIndexes, partitionsOf(name)),
      })),
    }
  },
  {
    isAnsweredInTurns: true,
    onBug: (request) => ({
      topics: request.topics.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((index) => failed(index, ErrorCode.UNKNOWN_SERVER_ERROR)),
      })),
    }),
  },
)

function describe(name: string, index: number, context: RequestContext) {
  if (!context.authorize('READ', 'TOPIC', name)) return failed(index, ErrorCode.TOPIC_AUTHORIZATION_FAILED)
  const problem = topicNameProblem(name)
  if (problem !== null) return failed(index, ErrorCode.INVALID_TOPIC_EXCEPTION, problem)
  const { cluster, partitions } = context.services
  const topic = cluster.topic(name)
  // As Kafka: only a topic that is not there has words.
  if (topic === undefined) return failed(index, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `There is no topic '${name}'.`)
  const partition = partitions.find(topic, index)
  if (partition === null) return failed(index, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  const refusal = leaderError(partition.view, context.node)
  if (refusal !== ErrorCode.NONE) return failed(index, refusal)
  const errorCode = partition.log.failure === null ? ErrorCode.NONE : ErrorCode.KAFKA_STORAGE_ERROR
  return { ...failed(index, errorCode), activeProducers: partition.log.producers().map(activeProducer) }
}

function activeProducer(producer: ProducerView) {
  const { currentTransactionStartOffset, ...rest } = producer
  return { ...rest, currentTxnStartOffset: BigInt(currentTransactionStartOffset) }
}

function failed(partitionIndex: number, errorCode: ErrorCode, errorMessage: string | null = null) {
  return { partitionIndex, errorCode, errorMessage, activeProducers: [] }
}
