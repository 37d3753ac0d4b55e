import { LOGGING_FLAGS, libraries } from '../../kafka-reference/libraries.ts'
import { runProgram } from './program.ts'

const TOPIC = 'talk'
const JAVA_FLAGS = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', ...LOGGING_FLAGS]

/** One of Kafka's own tools, in a process of its own. @throws Error with what it said when it fails */
function tool(name: string, words: readonly string[], input = ''): Promise<string> {
  const command = ['-cp', libraries('kafka-tools'), ...JAVA_FLAGS, `org.apache.kafka.tools.${name}`, ...words]
  return runProgram('java', command, input)
}

/** The Java client, as Kafka's tools use it: administration, an idempotent producer, and consumers of the classic protocol. */
export async function talkJava(bootstrap: string): Promise<void> {
  const server = ['--bootstrap-server', bootstrap]
  await tool('TopicCommand', [
    ...server,
    '--create',
    '--topic',
    TOPIC,
    '--partitions',
    '1',
    '--config',
    'retention.ms=3600000',
  ])
  await tool('TopicCommand', [...server, '--describe', '--topic', TOPIC])
  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd'])
    await tool(
      'ConsoleProducer',
      [...server, '--topic', TOPIC, '--compression-codec', codec],
      `${'value'.repeat(100)}\n`,
    )
  const reading = ['--topic', TOPIC, '--from-beginning', '--max-messages', '5', '--timeout-ms', '60000']
  await tool('consumer.ConsoleConsumer', [...server, ...reading, '--group', 'talkers'])
  await tool('consumer.group.ConsumerGroupCommand', [...server, '--describe', '--group', 'talkers'])
  const reset = ['--reset-offsets', '--group', 'talkers', '--topic', TOPIC, '--to-earliest', '--execute']
  await tool('consumer.group.ConsumerGroupCommand', [...server, ...reset])
  await tool('consumer.group.ConsumerGroupCommand', [...server, '--delete', '--group', 'talkers'])
  await tool('TopicCommand', [...server, '--delete', '--topic', TOPIC])
}
