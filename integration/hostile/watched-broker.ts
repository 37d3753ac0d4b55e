import { createConnection } from 'node:net'
import { resolve } from 'node:path'
import { BrokerProcess, type BrokerProcessOptions } from '../harness/broker-process.ts'
import { freePorts } from '../harness/free-ports.ts'

const WATCH = resolve(process.cwd(), 'integration/hostile/watch.cjs')

/** What a broker's process has been through since the last `reset`. */
export interface Watched {
  /** How late a timer was, at the most. */
  readonly stallMs: number
  /** How much of that the event loop's own thread was at work. */
  readonly heldMs: number
  /** How long it could have been at work between two looks and other threads and processes were: of a hundred looks the longest but one. */
  readonly queuedP99Ms: number
  readonly rejections: number
  readonly peakBytes: number
  /** After a garbage collection. */
  readonly rssBytes: number
  readonly heapBytes: number
}

/** A broker in a process of its own that tells how it fares. */
export class WatchedBroker {
  readonly process: BrokerProcess
  private readonly watchPort: number

  private constructor(process: BrokerProcess, watchPort: number) {
    this.process = process
    this.watchPort = watchPort
  }

  static async start(options: BrokerProcessOptions = {}): Promise<WatchedBroker> {
    const watchPort = await freePorts(1)
    const environment = {
      ...options.environment,
      NODE_OPTIONS: [`--require ${WATCH}`, options.environment?.['NODE_OPTIONS'] ?? ''].join(' '),
      ODRADEK_WATCH_PORT: String(watchPort),
    }
    return new WatchedBroker(await BrokerProcess.start({ ...options, environment }), watchPort)
  }

  get port(): number {
    return Number(this.process.bootstrap[0]?.split(':').at(-1))
  }

  /** What was seen so far; a new count begins. */
  reset(): Promise<Watched> {
    return this.ask('reset\n')
  }

  /** The same without a garbage collection: its memory says less. */
  quick(): Promise<Watched> {
    return this.ask('quick\n')
  }

  seen(): Promise<Watched> {
    return this.ask('seen\n')
  }

  dispose(): Promise<void> {
    return this.process.dispose()
  }

  private ask(line: string): Promise<Watched> {
    return new Promise((seen, failed) => {
      const socket = createConnection({ port: this.watchPort, host: '127.0.0.1' }, () => socket.write(line))
      socket.once('error', failed)
      socket.once('data', (answer) => {
        socket.destroy()
        seen(watchedOf(JSON.parse(String(answer))))
      })
    })
  }
}

function watchedOf(answer: Readonly<Record<string, unknown>>): Watched {
  const figure = (name: string): number => Number(answer[name])
  return {
    stallMs: figure('stallMs'),
    heldMs: figure('heldMs'),
    queuedP99Ms: figure('queuedP99Ms'),
    rejections: figure('rejections'),
    peakBytes: figure('peakBytes'),
    rssBytes: figure('rssBytes'),
    heapBytes: figure('heapBytes'),
  }
}
