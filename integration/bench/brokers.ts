import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { BrokerProcess } from '../harness/broker-process.ts'
import { endWithUs, removeWithUs } from '../harness/end-with-us.ts'
import { KafkaProcess } from '../kafka-reference/kafka-process.ts'
import { LOGGING_FLAGS } from '../kafka-reference/libraries.ts'
import { nativeProgram } from './compile.ts'
import type { Broker } from './target.ts'

/** Deleted topics give their pages back before the next round. */
const DELETE_DELAY_MS = '100'
const CONNECTIONS_MAX = '20000'
/** As Kafka's own start scripts have them where nobody says otherwise. */
const KAFKA_JAVA_FLAGS = [
  '-Xmx1G',
  '-Xms1G',
  '-server',
  '-XX:+UseG1GC',
  '-XX:MaxGCPauseMillis=20',
  '-XX:InitiatingHeapOccupancyPercent=35',
  '-XX:+ExplicitGCInvokesConcurrent',
  '-XX:MaxInlineLevel=15',
  '-Djava.awt.headless=true',
  ...LOGGING_FLAGS,
]
/** What the harness makes other than Kafka does, made Kafka's default again. */
const KAFKA_SETTINGS = [
  'offsets.topic.num.partitions=50',
  'log.cleaner.backoff.ms=15000',
  'log.initial.task.delay.ms=30000',
  `log.segment.delete.delay.ms=${DELETE_DELAY_MS}`,
  '',
].join('\n')

/** A broker that is a process of its own, and what ends it. */
export interface OwnBroker extends Broker {
  end(): Promise<void>
}

/** Where brokers are to have their data. */
export const benchDirectory = (): string => process.env['ODRADEK_BENCH_DIR'] ?? tmpdir()

/** Where all brokers of a run keep their data: on one disk. */
class BenchDirectory {
  readonly path = mkdtempSync(join(benchDirectory(), 'odradek-bench-'))
  readonly remove = removeWithUs(this.path)
  private count = 0

  next(name: string): string {
    this.count += 1
    return join(this.path, `${name}-${this.count}`)
  }
}

function portOf(broker: BrokerProcess): number {
  return Number(broker.bootstrap[0]?.split(':').at(-1))
}

/** The bundle, as users run it. */
export async function startOdradek(directory: string): Promise<OwnBroker> {
  mkdirSync(directory)
  const broker = await BrokerProcess.start({
    dataDirectory: directory,
    environment: {
      KAFKA_LOG_SEGMENT_DELETE_DELAY_MS: DELETE_DELAY_MS,
      // All that connect are of one address. Kafka has no bound unless told.
      KAFKA_MAX_CONNECTIONS: CONNECTIONS_MAX,
      KAFKA_MAX_CONNECTIONS_PER_IP: CONNECTIONS_MAX,
    },
  })
  const end = async (): Promise<void> => {
    await broker.dispose()
    rmSync(directory, { recursive: true, force: true })
  }
  return { port: portOf(broker), pid: broker.pid, end }
}

/** One that does not run yet. */
export function newKafka(directory: string): KafkaProcess {
  return new KafkaProcess('kafka-4.4', directory, undefined, KAFKA_SETTINGS, 0, KAFKA_JAVA_FLAGS)
}

export async function startKafka(directory: string): Promise<OwnBroker> {
  const kafka = newKafka(directory)
  await kafka.start()
  const port = Number(kafka.bootstrap.split(':')[1])
  const end = async (): Promise<void> => {
    await kafka.kill()
    rmSync(directory, { recursive: true, force: true })
  }
  return { port, pid: kafka.pid, end }
}

export interface LimitOptions {
  readonly partitions: number
  readonly flushes: boolean
  readonly fetch: 'sendfile' | 'pread'
}

/** The C program, which has its partitions from the start. */
export async function startLimit(directory: string, { partitions, flushes, fetch }: LimitOptions): Promise<OwnBroker> {
  mkdirSync(directory)
  const options = [`data=${directory}`, `partitions=${partitions}`, `flush=${Number(flushes)}`, `fetch=${fetch}`]
  const child = spawn(nativeProgram('limit'), options, { stdio: ['ignore', 'pipe', 'inherit'] })
  endWithUs(child)
  const port = await firstLine(child)
  const end = async (): Promise<void> => {
    await ended(child)
    rmSync(directory, { recursive: true, force: true })
  }
  return { port: Number(port), pid: child.pid ?? 0, end }
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((read, failed) => {
    child.once('error', failed)
    child.once('exit', (code) => failed(new Error(`it ended with ${code} before it listened`)))
    if (child.stdout !== null) createInterface({ input: child.stdout }).once('line', read)
  })
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((done) => {
    if (child.exitCode !== null || child.signalCode !== null) return done()
    child.once('exit', () => done())
    child.kill('SIGKILL')
  })
}

type Starter = (directory: string) => Promise<OwnBroker>

/** The brokers of one run: each is started when it is first needed, and goes on until the end. */
export class Brokers {
  readonly directory = new BenchDirectory()
  private readonly running = new Map<'odradek' | 'kafka', Promise<OwnBroker>>()
  private readonly warmUps: Readonly<Record<'odradek' | 'kafka', (broker: Broker) => Promise<void>>>

  constructor(warmUps: Brokers['warmUps']) {
    this.warmUps = warmUps
  }

  get(name: 'odradek' | 'kafka'): Promise<Broker> {
    const known = this.running.get(name)
    if (known !== undefined) return known
    const start: Starter = name === 'odradek' ? startOdradek : startKafka
    const begun = start(this.directory.next(name)).then(async (broker) => {
      try {
        await this.warmUps[name](broker)
        return broker
      } catch (error) {
        await broker.end()
        throw error
      }
    })
    this.running.set(name, begun)
    return begun
  }

  async end(): Promise<void> {
    for (const broker of await Promise.allSettled(this.running.values()))
      if (broker.status === 'fulfilled') await broker.value.end()
    this.directory.remove()
  }
}
