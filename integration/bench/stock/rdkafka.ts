import { join } from 'node:path'
import { runClient } from './client-run.ts'
import { FILLED_RECORDS, fillTopic } from './filled-topic.ts'
import { stockCase } from './stock-case.ts'

/** Of node-rdkafka, with whose librdkafka it comes. */
const VERSION = '3.6.1'
const BUILD = join(process.cwd(), 'integration/clients/rdkafka-performance/build')
const RECORDS = 1_000_000
const RECORD_BYTES = 1000

/** The first time it is compiled. */
async function program(): Promise<string> {
  const { output } = await runClient(BUILD, [VERSION])
  return output.trim().split('\n')[0] ?? ''
}

function figuresOf(output: string, pattern: RegExp) {
  const [, count, bytes, ms] = [...output.matchAll(pattern)].at(-1)?.map(Number) ?? []
  if (count === undefined || bytes === undefined || ms === undefined)
    throw new Error(`rdkafka_performance said: ${output.slice(-2000)}`)
  return {
    count,
    mb: bytes / 1e6,
    figures: { messagesPerSecond: count / (ms / 1000), mbPerSecond: bytes / 1e6 / (ms / 1000) },
  }
}

const PRODUCED = /% \d+ messages produced \(\d+ bytes\), (\d+) delivered \(offset -?\d+, 0 failed\) in (\d+)ms/g
const CONSUMED = /% (\d+) messages \((\d+) bytes\) consumed in (\d+)ms/g

export const RDKAFKA_CASES = [
  stockCase({
    name: 'rdkafka_performance: 1,000,000 records of 1 KB, acks=1',
    prepare: program,
    async run({ port }, topic) {
      const to = ['-P', '-b', `127.0.0.1:${port}`, '-t', topic]
      const load = ['-s', String(RECORD_BYTES), '-c', String(RECORDS), '-a', '1', '-q']
      const { output, cpuMs } = await runClient(await program(), [...to, ...load])
      const [, delivered, ms] = [...output.matchAll(PRODUCED)].at(-1)?.map(Number) ?? []
      if (delivered !== RECORDS || ms === undefined) throw new Error(`rdkafka_performance said: ${output.slice(-2000)}`)
      const messagesPerSecond = RECORDS / (ms / 1000)
      return {
        figures: { messagesPerSecond, mbPerSecond: (messagesPerSecond * RECORD_BYTES) / 1e6 },
        mb: (RECORDS * RECORD_BYTES) / 1e6,
        clientCpuMs: cpuMs,
      }
    },
  }),
  stockCase({
    name: 'rdkafka_performance: reads 1 GB of 1 KB records in 16 KB batches',
    prepare: program,
    fill: fillTopic,
    async run({ port }, topic) {
      const from = ['-C', '-b', `127.0.0.1:${port}`, '-t', topic, '-p', '0', '-o', 'beginning']
      const { output, cpuMs } = await runClient(await program(), [...from, '-c', String(FILLED_RECORDS), '-q'])
      const { count, mb, figures } = figuresOf(output, CONSUMED)
      if (count < FILLED_RECORDS) throw new Error(`rdkafka_performance read ${count} of ${FILLED_RECORDS} records`)
      return { figures, mb, clientCpuMs: cpuMs }
    },
  }),
]
