import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { endWithUs, removeWithUs } from './end-with-us.ts'
import { freePorts } from './free-ports.ts'

/** The bundle as `npm start` and the image run it; `npm test` builds it before the suites. */
const BUNDLE = resolve(process.cwd(), 'dist/odradek.cjs')
const READY_MS_MAX = 60_000
const STOP_MS_MAX = 60_000

export interface BrokerProcessOptions {
  readonly flags?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** Kept over `restart`; removed by `dispose` when the process made it. */
  readonly dataDirectory?: string
  readonly brokers?: number
  readonly port?: number
  /** As Kafka's key has them, on fixed ports; they stand for `port`. */
  readonly listeners?: string
  /** File descriptors that the process may have, connections included. */
  readonly descriptorsMax?: number
  /** What a file may grow to, in the 512 bytes of POSIX's `ulimit -f`. */
  readonly fileBlocksMax?: number
  /** Another version's. */
  readonly bundle?: string
}

/** A broker in a process of its own, on real ports and a real directory. */
export class BrokerProcess {
  readonly dataDirectory: string
  bootstrap: string[] = []
  private readonly options: BrokerProcessOptions
  private readonly removeDirectory: () => void
  private child: ChildProcess | null = null
  private errors = ''

  constructor(options: BrokerProcessOptions = {}) {
    this.options = options
    this.dataDirectory = options.dataDirectory ?? mkdtempSync(join(tmpdir(), 'odradek-it-'))
    this.removeDirectory = options.dataDirectory === undefined ? removeWithUs(this.dataDirectory) : () => {}
  }

  static async start(options: BrokerProcessOptions = {}): Promise<BrokerProcess> {
    const broker = new BrokerProcess(options)
    await broker.start()
    return broker
  }

  get pid(): number {
    const pid = this.child?.pid
    if (pid === undefined) throw new Error('the broker is not running')
    return pid
  }

  get stderr(): string {
    return this.errors
  }

  /** Resolves at the `ready` line. After the first start the ports stay the same. */
  async start(): Promise<void> {
    const { listeners } = this.options
    const flags = ['--data-dir', this.dataDirectory]
    if (listeners === undefined) flags.push('--port', await this.firstPort())
    if (this.options.brokers !== undefined) flags.push('--brokers', String(this.options.brokers))
    const command = [process.execPath, this.options.bundle ?? BUNDLE, ...flags, ...(this.options.flags ?? [])]
    const { descriptorsMax, fileBlocksMax } = this.options
    if (fileBlocksMax !== undefined) command.unshift('sh', '-c', `ulimit -f ${fileBlocksMax}; exec "$@"`, 'sh')
    if (descriptorsMax !== undefined) command.unshift('sh', '-c', `ulimit -n ${descriptorsMax}; exec "$@"`, 'sh')
    const [program = '', ...programArguments] = command
    const child = spawn(program, programArguments, {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: undefined, KAFKA_LISTENERS: listeners, ...this.options.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.child = child
    endWithUs(child)
    this.bootstrap = await this.readyLine(child)
  }

  /** Asks it to stop, as Ctrl-C does; resolves with its exit code. */
  stop(): Promise<number | null> {
    return this.end('SIGTERM')
  }

  /** Resolves with its exit code when it ends without being asked. */
  ended(): Promise<number | null> {
    const child = this.child
    if (child === null || child.exitCode !== null) return Promise.resolve(child?.exitCode ?? null)
    return new Promise((ended) => child.once('exit', ended))
  }

  kill(): Promise<number | null> {
    return this.end('SIGKILL')
  }

  async restart(how: 'stop' | 'kill' = 'stop'): Promise<void> {
    await (how === 'stop' ? this.stop() : this.kill())
    await this.start()
  }

  async dispose(): Promise<void> {
    await this.end('SIGKILL')
    this.removeDirectory()
  }

  private async firstPort(): Promise<string> {
    const { port, brokers } = this.options
    const before = this.bootstrap[0]?.split(':').at(-1)
    return before ?? String(port ?? (brokers === undefined ? 0 : await freePorts(brokers)))
  }

  private readyLine(child: ChildProcess): Promise<string[]> {
    return new Promise((ready, failed) => {
      let output = ''
      const timer = setTimeout(() => failed(new Error(`no ready line; it said: ${this.errors}`)), READY_MS_MAX)
      child.stderr?.on('data', (chunk) => {
        this.errors = (this.errors + chunk).slice(-100_000)
      })
      child.stdout?.on('data', (chunk) => {
        output += chunk
        const line = /^ready (.+)$/m.exec(output)?.[1]
        if (line === undefined) return
        clearTimeout(timer)
        ready(line.split(','))
      })
      child.once('exit', (code) => {
        clearTimeout(timer)
        failed(new Error(`the broker ended with ${code}; it said: ${this.errors}`))
      })
    })
  }

  private end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const child = this.child
    this.child = null
    if (child === null || child.exitCode !== null || child.signalCode !== null)
      return Promise.resolve(child?.exitCode ?? null)
    return new Promise((ended) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX)
      child.once('exit', (code) => {
        clearTimeout(timer)
        ended(code)
      })
      child.kill(signal)
    })
  }
}
