import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { BrokerProcess } from '../harness/broker-process.ts'
import { freePorts } from '../harness/free-ports.ts'
import { KafkaProcess } from '../kafka-reference/kafka-process.ts'

/** What a run is made with: this broker, or a real Kafka that shows what clients and the run itself are to blame for. */
export type Against = 'odradek' | 'kafka'

/** Looks often for transactions that have timed out: a run has no time for the ten seconds of the default. */
const TIMED_OUT_INTERVAL_MS = 200
const TIMED_OUT_KEY = 'transaction.abort.timed.out.transaction.cleanup.interval.ms'

/** @throws Error when AGAINST names neither. */
export function againstOf(text = process.env['AGAINST'] ?? 'odradek'): Against {
  if (text === 'odradek' || text === 'kafka') return text
  throw new Error(`AGAINST=${text} is neither odradek nor kafka`)
}

export interface BrokerUnderTest {
  /** The same over starts. */
  readonly port: number
  readonly pid: number
  start(): Promise<void>
  kill(): Promise<unknown>
  dispose(): Promise<void>
}

/** `directory` is a new one for its data; `advertisedPort` is where clients are told that it is. */
export async function startBroker(
  against: Against,
  directory: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<BrokerUnderTest> {
  const all = { [TIMED_OUT_KEY]: String(TIMED_OUT_INTERVAL_MS), ...settings }
  const broker = against === 'kafka' ? newKafka(directory, all) : await newOdradek(directory, all)
  await broker.start()
  return broker
}

function newKafka(directory: string, settings: Readonly<Record<string, string>>): BrokerUnderTest {
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`)
  const kafka = new KafkaProcess('kafka-4.4', directory, join(directory, 'data'), lines.join('\n'))
  return {
    get port() {
      return Number(kafka.bootstrap.split(':').at(-1))
    },
    get pid() {
      return kafka.pid
    },
    start: () => kafka.start(),
    kill: () => kafka.kill(),
    dispose: async () => {
      await kafka.kill()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function newOdradek(directory: string, settings: Readonly<Record<string, string>>): Promise<BrokerUnderTest> {
  const variables = Object.entries(settings).map(([key, value]) => [
    `KAFKA_${key.toUpperCase().replaceAll('.', '_')}`,
    value,
  ])
  const port = await freePorts(1)
  const broker = new BrokerProcess({
    port,
    dataDirectory: join(directory, 'data'),
    environment: Object.fromEntries(variables),
  })
  return {
    port,
    get pid() {
      return broker.pid
    },
    start: () => broker.start(),
    kill: () => broker.kill(),
    dispose: async () => {
      await broker.dispose()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
