import { Readable } from 'node:stream'
import { type Broker, createBroker, resolveBrokerConfig } from '@odradek/broker'
import { SystemClock, SystemPrng, silentLogger } from '@odradek/core'
import { MemoryFs } from '@odradek/log'
import { run } from '../run.ts'

/** What a command has printed, and how it ended. */
export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

interface GivenToRun {
  /** Of standard input; each part is a chunk. */
  readonly input?: readonly string[]
  readonly files?: Readonly<Record<string, string>>
  /** Called with all of standard output each time there is more; may ask the process to stop. */
  readonly onOutput?: (stdout: string, askToStop: () => void) => void
}

/** A broker in this process, in memory, and the program that talks to it. */
export class CommandLine {
  readonly bootstrap: string
  private readonly broker: Broker

  private constructor(broker: Broker, bootstrap: string) {
    this.broker = broker
    this.bootstrap = bootstrap
  }

  static async start(topics = '', settings: Readonly<Record<string, string>> = {}): Promise<CommandLine> {
    const all = {
      listeners: 'PLAINTEXT://localhost:0',
      'odradek.ephemeral': 'true',
      'odradek.topics': topics,
      'offsets.topic.num.partitions': '3',
      ...settings,
    }
    const config = resolveBrokerConfig(new Map(Object.entries(all)), 64 * 1024 * 1024)
    const [fs, clock, prng] = [new MemoryFs(), new SystemClock(), new SystemPrng()]
    const broker = createBroker({ config, fs, clock, prng, logger: silentLogger, softwareVersion: 'test' })
    const { nodes } = await broker.start()
    const addresses = nodes.flatMap(({ listeners }) =>
      listeners.slice(0, 1).map(({ advertisedHost, advertisedPort }) => `${advertisedHost}:${advertisedPort}`),
    )
    return new CommandLine(broker, addresses.join())
  }

  stop(): Promise<void> {
    return this.broker.stop()
  }

  /** `odradek LINE`, words separated by spaces. */
  run(line: string, given: GivenToRun = {}): Promise<Ended> {
    return runLine(line, { ODRADEK_BOOTSTRAP: this.bootstrap }, given)
  }

  /** What it prints with --json, as objects. @throws Error unless it ends with code 0 */
  async rows(line: string, given: GivenToRun = {}): Promise<readonly unknown[]> {
    const { code, stdout, stderr } = await this.run(`${line} --json`, given)
    if (code !== 0) throw new Error(`${line} ended with ${code}: ${stderr}`)
    return stdout
      .split('\n')
      .filter((text) => text !== '')
      .map((text): unknown => JSON.parse(text))
  }
}

export async function runLine(
  line: string,
  environment: Readonly<Record<string, string>>,
  { input = [], files = {}, onOutput = () => {} }: GivenToRun = {},
): Promise<Ended> {
  const output = { code: -1, stdout: '', stderr: '' }
  const [fs, clock, prng] = [new MemoryFs(), new SystemClock(), new SystemPrng()]
  for (const [path, text] of Object.entries(files)) {
    const file = fs.openSync(path, 'create')
    file.writeSync([Buffer.from(text)], 0)
    file.closeSync()
  }
  const asks: (() => void)[] = []
  output.code = await run({
    argv: line.split(' ').filter(Boolean),
    environment,
    forgetVariable() {},
    fs,
    clock,
    prng,
    version: '1.2.3',
    memoryBytes: 1024 ** 3,
    pause: (delayMs) => new Promise((resolve) => clock.after(delayMs, resolve)),
    absolutePath: (path) => path,
    stdin: () => Readable.from(input.map((text) => Buffer.from(text))),
    stdout: (text) => {
      output.stdout += text
      onOutput(output.stdout, () => {
        for (const ask of asks) ask()
      })
    },
    stderr: (text) => {
      output.stderr += text
    },
    onStopRequest: (ask) => asks.push(ask),
    exit: () => {},
  })
  return output
}
