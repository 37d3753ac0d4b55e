import { loadavg } from 'node:os'
import { type Prng, SeededPrng } from '@odradek/core'
import { ApiVersions, CreateTopics, Produce } from '@odradek/protocol'
import { freePorts } from '../harness/free-ports.ts'
import { WireClient } from '../harness/wire-client.ts'
import { HELD_MS_MAX, megabytes, ms } from './flood.ts'
import { fuzzFiles } from './fuzz-files.ts'
import { FrameFuzz } from './fuzz-frames.ts'
import { BUG, FuzzHere, HERE_KINDS, type HereKind } from './fuzz-here.ts'
import { fuzzBatches } from './fuzz-inputs.ts'
import { FuzzMemory } from './fuzz-memory.ts'
import { type FuzzPorts, FuzzWorker, WIRE_KINDS, type WireKind } from './fuzz-worker.ts'
import { WatchedBroker } from './watched-broker.ts'

const INPUTS = Number(process.argv[2] ?? 10_000_000)
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 32)
const LOOK_INTERVAL_MS = 5000
const TELL_INTERVAL_MS = 30_000
const INPUTS_A_FILE = 10_000
const FILES_MIN = 100

/** Of all inputs. What has a socket costs ten times as much, and finds what has to do with one. */
const SHARES: Readonly<Record<WireKind | HereKind, number>> = {
  open: 0.2,
  'before login': 0.03,
  'after login': 0.1,
  logins: 0.02,
  'requests here': 0.35,
  'logins here': 0.15,
  batches: 0.13,
  files: 0.02,
}
/** Some of them wait at any time, for requests that wait for others. */
const WORKERS: Readonly<Record<WireKind, number>> = { open: 18, 'before login': 3, 'after login': 12, logins: 3 }

const JAAS = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="alice-pw" user_bob="bob-pw";'

/** What is made by chance must not be taken for memory that is lost. */
const BOUNDS: Readonly<Record<string, string>> = {
  'odradek.max.topics': '50',
  'odradek.max.partitions': '200',
  'odradek.max.groups': '100',
  'odradek.max.transactional.ids': '100',
  'odradek.max.producer.ids': '1000',
  'odradek.max.delegation.tokens': '1000',
  'offsets.topic.num.partitions': '5',
  'transaction.state.log.num.partitions': '5',
}

const environment: Readonly<Record<string, string>> = {
  KAFKA_SASL_ENABLED_MECHANISMS: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
  KAFKA_LISTENER_NAME_SASL__PLAINTEXT_PLAIN_SASL_JAAS_CONFIG: JAAS,
  KAFKA_CONNECTION_FAILED_AUTHENTICATION_DELAY_MS: '0',
  ODRADEK_SCRAM_USERS: 'alice:alice-pw,bob:bob-pw',
  ODRADEK_EPHEMERAL: 'true',
  ODRADEK_MEMORY_LOG_BYTES: '33554432',
  ODRADEK_MEMORY_LOG_FULL: 'drop-oldest',
  ...Object.fromEntries(
    Object.entries(BOUNDS).map(([key, value]) => {
      const name = key.toUpperCase().replaceAll('.', '_')
      return [key.startsWith('odradek.') ? name : `KAFKA_${name}`, value]
    }),
  ),
}

/** `npm run fuzz [-- COUNT]`, SEED=… to do it again: inputs of every kind, against a broker in a process of its own and here. */
async function main(): Promise<void> {
  console.log(`fuzz: ${INPUTS} inputs, SEED=${seed}, load ${loadavg()[0]?.toFixed(1)}`)
  const first = await freePorts(2)
  const ports = { open: first, sasl: first + 1 }
  const broker = await WatchedBroker.start({
    environment,
    listeners: `PLAINTEXT://127.0.0.1:${ports.open},SASL_PLAINTEXT://127.0.0.1:${ports.sasl}`,
  })
  const problems: string[] = []
  try {
    const served = await servedBy(ports)
    await new Run(broker, ports, served, problems).run()
  } finally {
    await broker.dispose()
  }
  const files = Math.max(FILES_MIN, Math.floor(INPUTS / INPUTS_A_FILE))
  if (problems.length === 0) problems.push(...(await fuzzFiles(files, new SeededPrng(seed))))
  for (const problem of problems) console.log(`FAIL ${problem}`)
  console.log(problems.length === 0 ? 'ok' : `${problems.length} failed, SEED=${seed}`)
  process.exitCode = problems.length === 0 ? 0 : 1
}

type Versions = ReadonlyMap<number, readonly [min: number, max: number]>

async function servedBy(ports: FuzzPorts): Promise<Versions> {
  const client = await WireClient.open(ports.open)
  await client.call(CreateTopics, 4, {
    topics: [{ name: 't', numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] }],
    timeoutMs: 10_000,
    validateOnly: false,
  })
  const { apiKeys } = await client.call(ApiVersions, 0, {})
  client.close()
  return new Map(apiKeys.map(({ apiKey, minVersion, maxVersion }) => [apiKey, [minVersion, maxVersion] as const]))
}

class Run {
  private readonly broker: WatchedBroker
  private readonly ports: FuzzPorts
  private readonly served: Versions
  private readonly problems: string[]
  private readonly batches = fuzzBatches()
  private readonly counts = new Map<WireKind | HereKind, number>()
  private readonly startedMs = performance.now()
  private heldMs = 0

  constructor(broker: WatchedBroker, ports: FuzzPorts, served: Versions, problems: string[]) {
    this.broker = broker
    this.ports = ports
    this.served = served
    this.problems = problems
  }

  async run(): Promise<void> {
    const here = await FuzzHere.open(seed, BOUNDS, (prng) => new FrameFuzz(prng, this.served, this.batches))
    const wanted = new Map(HERE_KINDS.map((kind) => [kind, wantedOf(kind)]))
    const work = Promise.all([
      ...this.workers().map((worker) => worker.run()),
      here.run(wanted, this.count, () => this.problems.length > 0),
    ]).catch((error: unknown) => {
      this.problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
    })
    const memory = new FuzzMemory(this.broker)
    await this.watch(work, memory)
    const seconds = (performance.now() - this.startedMs) / 1000
    await here.close()
    this.heldMs = Math.max(this.heldMs, here.heldMs)
    const grown = await memory.end()
    for (const [kind, inputs] of this.counts) console.log(`${kind}: ${inputs} inputs`)
    console.log(`${this.total()} inputs, ${(this.total() / seconds).toFixed(0)} a second, SEED=${seed}`)
    console.log(`the loop was held for ${ms(this.heldMs)} at the most (bound ${ms(HELD_MS_MAX)})`)
    if (this.heldMs > HELD_MS_MAX) this.problems.push(`the loop was held for ${ms(this.heldMs)}`)
    this.problems.push(...grown)
  }

  private async watch(work: Promise<unknown>, memory: FuzzMemory): Promise<void> {
    const ended = work.then(() => true)
    // The start of the broker is no input's doing.
    await this.broker.quick()
    let toldMs = performance.now()
    for (let isOver = false; !isOver; ) {
      const pause = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), LOOK_INTERVAL_MS))
      isOver = await Promise.race([ended, pause])
      const watched = await memory.look(this.total() / INPUTS)
      this.heldMs = Math.max(this.heldMs, watched.heldMs)
      if (performance.now() - toldMs > TELL_INTERVAL_MS || isOver) {
        toldMs = performance.now()
        const rate = this.total() / ((toldMs - this.startedMs) / 1000)
        const loop = `loop held ${ms(watched.heldMs)} (late ${ms(watched.stallMs)})`
        console.log(
          `${this.total()} inputs, ${rate.toFixed(0)} a second, broker ${megabytes(watched.rssBytes)}, ${loop}`,
        )
      }
      if (watched.rejections > 0)
        this.problems.push(`${watched.rejections} unhandled rejections: ${this.broker.process.stderr.slice(-3000)}`)
      const bug = this.broker.process.stderr.split('\n').find((line) => BUG.test(line))
      if (bug !== undefined) this.problems.push(`the log tells of a bug: ${bug.slice(0, 3000)}`)
      if (this.problems.length > 0) isOver = true
    }
    await ended
  }

  private workers(): FuzzWorker[] {
    return WIRE_KINDS.flatMap((kind, kindIndex) =>
      Array.from({ length: WORKERS[kind] }, (_, index) => {
        const prng = new SeededPrng(seed + kindIndex * 100 + index)
        const progress = {
          count: (inputs: number) => this.count(kind, inputs),
          isOver: () => this.problems.length > 0 || (this.counts.get(kind) ?? 0) >= wantedOf(kind),
        }
        return new FuzzWorker(kind, this.ports, this.frames(prng, kind === 'open' && index % 3 === 0), prng, progress)
      }),
    )
  }

  /** Some of those that are served send batches alone. */
  private frames(prng: Prng, isProduce: boolean): FrameFuzz {
    const keys = isProduce ? new Map([...this.served].filter(([key]) => key === Produce.key)) : this.served
    return new FrameFuzz(prng, keys, this.batches)
  }

  private readonly count = (kind: WireKind | HereKind, inputs: number): void => {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + inputs)
  }

  private total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0)
  }
}

function wantedOf(kind: WireKind | HereKind): number {
  return Math.max(1, Math.round(INPUTS * SHARES[kind]))
}

await main()
