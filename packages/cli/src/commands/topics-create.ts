import { CreateTopics, ErrorCode } from '@odradek/protocol'
import { expectOk } from '../client/failure.ts'
import { UsageError } from '../usage-error.ts'
import { integerFrom } from './given.ts'
import { type ClientVerb, repeated } from './verb.ts'

const INT32_MAX = 2_147_483_647
const INT16_MAX = 32_767
/** num.partitions and default.replication.factor of the broker. */
const BROKER_DECIDES = -1
/** Older brokers do not decide. */
const BROKER_DECIDES_VERSION = 4

export const TOPICS_CREATE: ClientVerb = {
  name: 'create',
  description: 'Make topics.',
  define(command) {
    command
      .argument('<topics...>', 'their names')
      .option('--partitions <count>', 'otherwise the broker decides (num.partitions)')
      .option('--replication-factor <count>', 'otherwise the broker decides (default.replication.factor)')
      .option('--assignment <ids>', 'brokers of each partition, the leader first: 1:2,2:3 are two partitions')
      .option('--config <key=value>', 'a config of the topic; may be repeated', repeated)
      .option('--if-not-exists', 'pass over those that are there')
      .option('--validate-only', 'only tell whether it could be done')
  },
  task(given) {
    const numPartitions = given.integer('partitions', 1, INT32_MAX) ?? BROKER_DECIDES
    const replicationFactor = given.integer('replicationFactor', 1, INT16_MAX) ?? BROKER_DECIDES
    const assignments = assignmentsFrom(given.text('assignment'))
    if (assignments.length > 0 && (given.has('partitions') || given.has('replicationFactor')))
      throw new UsageError('--assignment says how many partitions and replicas there are: leave out the other flags')
    const configs = given.pairs('config').map(([name, value]) => ({ name, value }))
    const validateOnly = given.has('validateOnly')
    return (session) =>
      session.each(given.words, async (name) => {
        const topic = { name, numPartitions, replicationFactor, assignments, configs }
        const { client } = session
        const made = await client.retrying(async () => {
          const controller = await client.controller()
          const min =
            numPartitions === BROKER_DECIDES || replicationFactor === BROKER_DECIDES ? BROKER_DECIDES_VERSION : 0
          const answer = await controller.call(
            CreateTopics,
            { topics: [topic], timeoutMs: client.timeoutMs, validateOnly },
            { min: assignments.length > 0 ? 0 : min },
          )
          const result = answer.topics[0]
          if (result?.errorCode === ErrorCode.TOPIC_ALREADY_EXISTS && given.has('ifNotExists')) return null
          expectOk(`topic ${name}`, result?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR, result?.errorMessage ?? null)
          return result ?? null
        })
        const row = { topic: name, created: made !== null && !validateOnly, partitions: made?.numPartitions ?? null }
        if (made === null) session.did(`${name} is there already`, row)
        else if (validateOnly) session.did(`${name} could be created`, row)
        else session.did(`created ${name}${countText(made.numPartitions)}`, row)
      })
  },
}

/** Brokers before 2.4 do not tell. */
const countText = (partitions: number): string =>
  partitions < 1 ? '' : `, ${partitions} ${partitions === 1 ? 'partition' : 'partitions'}`

/** `1:2,2:3`, as Kafka's own tools have it. @throws UsageError */
export function assignmentsFrom(text: string | null): { partitionIndex: number; brokerIds: number[] }[] {
  if (text === null) return []
  return text.split(',').map((part, partitionIndex) => ({
    partitionIndex,
    brokerIds: part.split(':').map((id) => integerFrom(id, `--assignment ${text}: broker id`, 0, INT32_MAX)),
  }))
}
