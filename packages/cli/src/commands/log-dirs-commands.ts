import { DescribeLogDirs } from '@odradek/protocol'
import { expectOk } from '../client/failure.ts'
import { byTopic, partitionsOf } from '../client/partition-offsets.ts'
import { integerFrom } from './given.ts'
import type { Row } from './output.ts'
import type { Session } from './session.ts'
import { type ClientVerb, repeated } from './verb.ts'

const INT32_MAX = 2_147_483_647

interface Wanted {
  readonly brokers: readonly number[]
  readonly topics: readonly string[]
  readonly summary: boolean
}

const DESCRIBE: ClientVerb = {
  name: 'describe',
  description: 'Sizes of partitions in the log directories of every broker.',
  define(command) {
    command
      .option('--broker <id>', 'only of this broker; may be repeated', repeated)
      .option('--topic <name>', 'only this topic; may be repeated', repeated)
      .option('--summary', 'one line a directory, with its free space')
  },
  task(given) {
    const brokers = given.texts('broker').map((text) => integerFrom(text, '--broker', 0, INT32_MAX))
    const wanted = { brokers, topics: given.texts('topic'), summary: given.has('summary') }
    return (session) => describe(session, wanted)
  },
}

export const LOG_DIRS_COMMANDS: readonly ClientVerb[] = [DESCRIBE]

async function describe(session: Session, wanted: Wanted): Promise<void> {
  const { client } = session
  const nodeIds = await client.retrying(() => client.nodeIds())
  const rows: Row[] = []
  await session.each(wanted.brokers.length > 0 ? wanted.brokers : nodeIds, async (broker) => {
    rows.push(...(await client.retrying(() => rowsOf(session, broker, wanted))))
  })
  session.show(rows)
}

async function rowsOf({ client }: Session, broker: number, { topics, summary }: Wanted): Promise<readonly Row[]> {
  const partitions = topics.length === 0 ? [] : await partitionsOf(client, topics)
  const wanted = byTopic(partitions).map(([topic, each]) => ({
    topic,
    partitions: each.map(({ partition }) => partition),
  }))
  const connection = await client.node(broker)
  const answer = await connection.call(DescribeLogDirs, { topics: topics.length === 0 ? null : wanted })
  expectOk(`log directories of broker ${broker}`, answer.errorCode)
  return answer.results.flatMap(({ errorCode, logDir, totalBytes, usableBytes, topics: found }): readonly Row[] => {
    expectOk(`broker ${broker}, ${logDir}`, errorCode)
    const all = found.flatMap(({ name, partitions: each }) => each.map((partition) => ({ topic: name, ...partition })))
    if (summary) {
      return [
        {
          broker,
          logDir,
          partitions: all.length,
          bytes: all.reduce((sum, { partitionSize }) => sum + Number(partitionSize), 0),
          totalBytes: totalBytes < 0n ? null : Number(totalBytes),
          usableBytes: usableBytes < 0n ? null : Number(usableBytes),
        },
      ]
    }
    return all
      .sort((a, b) => (a.topic === b.topic ? a.partitionIndex - b.partitionIndex : a.topic < b.topic ? -1 : 1))
      .map(({ topic, partitionIndex, partitionSize, offsetLag, isFutureKey }) => ({
        broker,
        logDir,
        topic,
        partition: partitionIndex,
        bytes: Number(partitionSize),
        offsetLag: Number(offsetLag),
        moving: isFutureKey,
      }))
  })
}
