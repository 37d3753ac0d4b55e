import { LOGGING_FLAGS, libraries } from '../../kafka-reference/libraries.ts'
import { type ClientRun, runClient } from './client-run.ts'
import { FILLED_RECORDS, fillTopic } from './filled-topic.ts'
import { stockCase } from './stock-case.ts'

const RECORDS = 1_000_000
const RECORD_BYTES = 1000
const SILENCE_MS_MAX = 60_000
/** As the start script of Kafka's tools has it. */
const HEAP = '-Xmx512m'
const BYTES_PER_MB = 1_048_576 / 1e6

const java = (program: string, ...words: readonly string[]): Promise<ClientRun> =>
  runClient('java', [
    HEAP,
    ...LOGGING_FLAGS,
    '-cp',
    libraries('kafka-tools'),
    `org.apache.kafka.tools.${program}`,
    ...words,
  ])

const fetchLibraries = async () => libraries('kafka-tools')

/** `1000000 records sent, 183318.1 records/sec (174.83 MB/sec), 1.2 ms avg latency, ... 2 ms 50th, ..., 9 ms 99th, 12 ms 99.9th.` */
const PRODUCED =
  /(\d+) records sent, ([\d.]+) records\/sec \(([\d.]+) MB\/sec\).* (\d+) ms 50th, .* (\d+) ms 99th, (\d+) ms 99\.9th/g

export const PRODUCER_PERFORMANCE_CASE = stockCase({
  name: 'ProducerPerformance: 1,000,000 records of 1 KB, acks=1',
  prepare: fetchLibraries,
  async run({ port }, topic) {
    const properties = [`bootstrap.servers=127.0.0.1:${port}`, 'acks=1', 'batch.size=65536', 'linger.ms=5']
    const sizes = ['--num-records', String(RECORDS), '--record-size', String(RECORD_BYTES), '--throughput', '-1']
    const { output, cpuMs } = await java(
      'ProducerPerformance',
      '--topic',
      topic,
      ...sizes,
      '--producer-props',
      ...properties,
    )
    const last = [...output.matchAll(PRODUCED)].at(-1)
    if (last === undefined || Number(last[1]) !== RECORDS) throw new Error(`ProducerPerformance said: ${output}`)
    const [messagesPerSecond = 0, mb = 0, p50Ms = 0, p99Ms = 0, p999Ms = 0] = last.slice(2).map(Number)
    const figures = { messagesPerSecond, mbPerSecond: mb * BYTES_PER_MB, p50Ms, p99Ms, p999Ms }
    return { figures, mb: (RECORDS * RECORD_BYTES) / 1e6, clientCpuMs: cpuMs }
  },
})

let groups = 0

export const CONSUMER_PERFORMANCE_CASE = stockCase({
  name: 'ConsumerPerformance: 1 GB of 1 KB records in 16 KB batches',
  prepare: fetchLibraries,
  fill: fillTopic,
  async run({ port }, topic) {
    const count = ['--num-records', String(FILLED_RECORDS), '--timeout', String(SILENCE_MS_MAX)]
    const group = ['--group', `performance-${process.pid}-${++groups}`]
    const { output, cpuMs } = await java(
      'ConsumerPerformance',
      '--bootstrap-server',
      `127.0.0.1:${port}`,
      '--topic',
      topic,
      ...count,
      ...group,
    )
    return { ...consumed(output), clientCpuMs: cpuMs }
  },
})

/** Its lines are values that commas part, under one that names them. */
function consumed(output: string) {
  const [names, values] = output
    .split('\n')
    .map((line) => line.split(',').map((word) => word.trim()))
    .filter((words) => words.length > 8)
  const at = (name: string): number => Number(values?.[names?.indexOf(name) ?? -1])
  if (!(at('data.consumed.in.nMsg') >= FILLED_RECORDS)) throw new Error(`ConsumerPerformance said: ${output}`)
  const figures = { messagesPerSecond: at('fetch.nMsg.sec'), mbPerSecond: at('fetch.MB.sec') * BYTES_PER_MB }
  const mb = at('data.consumed.in.MB') * BYTES_PER_MB
  if ([mb, ...Object.values(figures)].some(Number.isNaN)) throw new Error(`ConsumerPerformance said: ${output}`)
  return { figures, mb }
}
