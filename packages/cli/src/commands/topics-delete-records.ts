import { DeleteRecords } from '@odradek/protocol'
import { expectOk } from '../client/failure.ts'
import { byLeader, partitionsOf, type TopicPartition } from '../client/partition-offsets.ts'
import { UsageError } from '../usage-error.ts'
import type { Session } from './session.ts'
import type { ClientVerb } from './verb.ts'

/** All that is there now. */
const HIGH_WATERMARK = -1
const INT32_MAX = 2_147_483_647

export const TOPICS_DELETE_RECORDS: ClientVerb = {
  name: 'delete-records',
  description: 'Delete the records of a partition, or of all partitions, that lie before an offset.',
  define(command) {
    command
      .argument('<topic>', 'its name')
      .option('--partition <number>', 'only this one')
      .option('--before <offset>', 'the first offset to keep; of one partition')
      .option('--all', 'all records that are there now')
  },
  task(given) {
    const [topic = ''] = given.words
    const partition = given.integer('partition', 0, INT32_MAX)
    const before = given.integer('before', 0, Number.MAX_SAFE_INTEGER)
    if ((before === null) === !given.has('all'))
      throw new UsageError('topics delete-records needs --before OFFSET or --all')
    if (before !== null && partition === null)
      throw new UsageError('--before needs --partition: offsets differ between them')
    return async (session) => {
      const partitions =
        partition === null
          ? await session.client.retrying(() => partitionsOf(session.client, [topic]))
          : [{ topic, partition }]
      await session.each(partitions, (each) => deleteBefore(session, each, before ?? HIGH_WATERMARK))
    }
  },
}

async function deleteBefore(session: Session, { topic, partition }: TopicPartition, offset: number): Promise<void> {
  const { client } = session
  const lowWatermark = await client.retrying(async () => {
    const [leader = -1] = (await byLeader(client, [{ topic, partition }])).keys()
    const connection = await client.node(leader)
    const { topics } = await connection.call(DeleteRecords, {
      topics: [{ name: topic, partitions: [{ partitionIndex: partition, offset: BigInt(offset) }] }],
      timeoutMs: client.timeoutMs,
    })
    const result = topics[0]?.partitions[0]
    expectOk(`partition ${topic}-${partition}`, result?.errorCode ?? -1)
    return Number(result?.lowWatermark ?? -1)
  })
  session.did(`${topic}-${partition} begins at offset ${lowWatermark}`, { topic, partition, earliest: lowWatermark })
}
