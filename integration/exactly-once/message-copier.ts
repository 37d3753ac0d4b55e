import { timestamp } from '@odradek/core'
import { buildBatch } from '@odradek/records'
import { createdTopic, produce } from '../durability/broker-calls.ts'
import { WireClient } from '../harness/wire-client.ts'
import { libraries } from '../kafka-reference/libraries.ts'
import type { BrokerUnderTest } from './broker-under-test.ts'
import { readShown } from './read-committed.ts'
import { outputOf, ToolProcess } from './tool-process.ts'

const PROGRAM = 'org.apache.kafka.tools.TransactionalMessageCopier'
const RECORDS = 5000
const COPY_MS_MAX = 90_000
const KILL_AFTER_MS = 4000

/**
 * Kafka's TransactionalMessageCopier with random aborts: killed in the middle, gone on with under the same transactional id;
 * then as a member of a group. (KIP-447)
 */
export async function messageCopier(broker: BrokerUnderTest): Promise<void> {
  const client = await WireClient.open(broker.port)
  const values = Array.from({ length: RECORDS }, (_, index) => String(index))
  const now = timestamp(BigInt(Date.now()))
  await createdTopic(client, 'copier-input', 1)
  for (let from = 0; from < RECORDS; from += 500) {
    const records = values
      .slice(from, from + 500)
      .map((value) => ({ timestamp: now, key: null, value: Buffer.from(value) }))
    await produce(client, 'copier-input', 0, buildBatch({ records }))
  }
  const command = (output: string, ...more: readonly string[]): readonly string[] => [
    PROGRAM,
    ...['--broker-list', `127.0.0.1:${broker.port}`, '--input-topic', 'copier-input', '--input-partition', '0'],
    ...['--output-topic', output, '--consumer-group', `group-${output}`, '--transactional-id', `id-${output}`],
    ...['--transaction-size', '100', '--enable-random-aborts', ...more],
  ]
  const classPath = libraries('kafka-tools')
  await createdTopic(client, 'copied', 1)
  const killed = new ToolProcess(classPath, command('copied'), COPY_MS_MAX)
  await new Promise((resume) => setTimeout(resume, KILL_AFTER_MS))
  killed.signal('SIGKILL')
  await killed.end()
  await outputOf(classPath, command('copied'), COPY_MS_MAX)
  await holds(client, 'copied', values)
  await createdTopic(client, 'copied-by-group', 1)
  await outputOf(classPath, command('copied-by-group', '--group-mode', '--use-group-metadata'), COPY_MS_MAX)
  await holds(client, 'copied-by-group', values)
  client.close()
}

async function holds(client: WireClient, topic: string, values: readonly string[]): Promise<void> {
  const { records } = await readShown(client, topic, 0, 'read_committed')
  const found = records.map(({ value }) => value)
  const at = values.findIndex((value, index) => found[index] !== value)
  if (at !== -1 || found.length !== values.length)
    throw new Error(`${topic} has ${found.length} records, of ${values.length}; the first difference is at ${at}`)
}
