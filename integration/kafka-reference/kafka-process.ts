import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { endWithUs } from '../harness/end-with-us.ts'
import { freePorts } from '../harness/free-ports.ts'
import { listens } from '../harness/listens.ts'
import { until } from '../harness/until.ts'
import { type KafkaRelease, LOGGING_FLAGS, libraries } from './libraries.ts'

const START_MS_MAX = 60_000
const STOP_MS_MAX = 60_000
/** Kafka's own settings are for machines that have nothing else to do. */
const SMALL = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', ...LOGGING_FLAGS]

/** A real Apache Kafka, broker and controller in one, in a process of its own. */
export class KafkaProcess {
  readonly directory: string
  readonly dataDirectory: string
  private readonly release: KafkaRelease
  private readonly settingsAdded: string
  private readonly javaFlags: readonly string[]
  private child: ChildProcess | null = null
  private port = 0
  private output = ''

  /** `directory` holds its settings, and its data unless there is a directory for them already; a key in `settingsAdded` counts more; port 0 is any. */
  constructor(
    release: 'kafka-4.4' | 'kafka-3.9',
    directory: string,
    dataDirectory = join(directory, 'data'),
    settingsAdded = '',
    port = 0,
    javaFlags: readonly string[] = SMALL,
  ) {
    this.release = release
    this.directory = directory
    this.dataDirectory = dataDirectory
    this.settingsAdded = settingsAdded
    this.port = port
    this.javaFlags = javaFlags
  }

  get bootstrap(): string {
    return `127.0.0.1:${this.port}`
  }

  get pid(): number {
    const pid = this.child?.pid
    if (pid === undefined) throw new Error('Kafka is not running')
    return pid
  }

  get log(): string {
    return this.output
  }

  /** Makes the data directory; `start` does so too where it is missing. */
  async format(): Promise<void> {
    if (this.port === 0) this.port = await freePorts(2)
    const properties = this.writeSettings()
    const java = ['-cp', libraries(this.release), ...SMALL]
    const id = execFileSync('java', [...java, 'kafka.tools.StorageTool', 'random-uuid'], { encoding: 'utf8' })
    const format = ['format', '-t', id.trim().split('\n').at(-1) ?? '', '-c', properties]
    execFileSync('java', [...java, 'kafka.tools.StorageTool', ...format], { stdio: 'ignore' })
  }

  /** Resolves when clients can connect. A data directory that is missing is formatted first. */
  async start(): Promise<void> {
    if (this.port === 0) this.port = await freePorts(2)
    if (!existsSync(this.dataDirectory)) await this.format()
    const properties = this.writeSettings()
    const java = ['-cp', libraries(this.release), ...this.javaFlags]
    const child = spawn('java', [...java, 'kafka.Kafka', properties], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.child = child
    endWithUs(child)
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        this.output = (this.output + chunk).slice(-100_000)
      })
    }
    await until(
      'Kafka listens',
      async () => {
        if (child.exitCode !== null) throw new Error(`Kafka ended with ${child.exitCode}; it said: ${this.output}`)
        return await listens(this.port)
      },
      START_MS_MAX,
    )
  }

  stop(): Promise<number | null> {
    return this.end('SIGTERM')
  }

  kill(): Promise<number | null> {
    return this.end('SIGKILL')
  }

  private end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const child = this.child
    this.child = null
    if (child === null || child.exitCode !== null) return Promise.resolve(child?.exitCode ?? null)
    return new Promise((ended) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX)
      child.once('exit', (code) => {
        clearTimeout(timer)
        ended(code)
      })
      child.kill(signal)
    })
  }

  private writeSettings(): string {
    mkdirSync(this.directory, { recursive: true })
    const properties = join(this.directory, 'server.properties')
    writeFileSync(properties, this.settings())
    return properties
  }

  private settings(): string {
    const controller = this.port + 1
    return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controller}
listeners=PLAINTEXT://127.0.0.1:${this.port},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=PLAINTEXT://127.0.0.1:${this.port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=${this.dataDirectory}
offsets.topic.num.partitions=5
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=5
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=5
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
log.cleaner.backoff.ms=500
log.initial.task.delay.ms=500
${this.settingsAdded}`
  }
}
