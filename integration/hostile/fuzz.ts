import { loadavg } from 'node:os'
import { SeededPrng, timestamp } from '@odradek/core'
import { ApiVersions, CreateTopics, Produce } from '@odradek/protocol'
import { buildBatch, codecFor } from '@odradek/records'
import { freePorts } from '../harness/free-ports.ts'
import { WireClient } from '../harness/wire-client.ts'
import { HELD_MS_MAX, megabytes, ms } from './flood.ts'
import { fuzzFiles } from './fuzz-files.ts'
import { FrameFuzz } from './fuzz-frames.ts'
import { type FuzzPorts, FuzzWorker, KINDS } from './fuzz-worker.ts'
import { type Watched, WatchedBroker } from './watched-broker.ts'

const INPUTS = Number(process.argv[2] ?? 10_000_000)
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 32)
/** Many of them wait at any time, for requests that wait for others. */
const WORKERS = 48
const LOOK_INTERVAL_MS = 5000
/** Of the inputs, before memory is looked at for the first time. */
const WARM_UP_SHARE = 0.1
const MEMORY_BYTES_MAX = 64_000_000
const INPUTS_A_FILE = 10_000
const FILES_MIN = 100

const JAAS = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="alice-pw" user_bob="bob-pw";'

const environment: Readonly<Record<string, string>> = {
  KAFKA_SASL_ENABLED_MECHANISMS: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
  KAFKA_LISTENER_NAME_SASL__PLAINTEXT_PLAIN_SASL_JAAS_CONFIG: JAAS,
  KAFKA_CONNECTION_FAILED_AUTHENTICATION_DELAY_MS: '0',
  ODRADEK_SCRAM_USERS: 'alice:alice-pw,bob:bob-pw',
  ODRADEK_EPHEMERAL: 'true',
  ODRADEK_MEMORY_LOG_BYTES: '33554432',
  ODRADEK_MEMORY_LOG_FULL: 'drop-oldest',
  // What is made by chance must not be taken for memory that is lost.
  ODRADEK_MAX_TOPICS: '50',
  ODRADEK_MAX_PARTITIONS: '200',
  ODRADEK_MAX_GROUPS: '100',
  ODRADEK_MAX_TRANSACTIONAL_IDS: '100',
  ODRADEK_MAX_PRODUCER_IDS: '1000',
  KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '5',
  KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS: '5',
}

function batches(): Uint8Array[] {
  const records = Array.from({ length: 3 }, (_, index) => ({
    ...{
      timestamp: timestamp(BigInt(Date.now())),
      key: Buffer.from(`k${index}`),
      value: Buffer.alloc(50, index),
      headers: [],
    },
  }))
  const plain = Buffer.from(buildBatch({ records }))
  const compressed = (['gzip', 'snappy', 'lz4', 'zstd'] as const).map((type, index) => {
    const batch = Buffer.concat([plain.subarray(0, 61), codecFor(type, 2).compress(plain.subarray(61))])
    batch.writeInt32BE(batch.length - 12, 8)
    batch.writeInt16BE(index + 1, 21)
    return batch
  })
  return [plain, ...compressed, Buffer.concat([plain, plain]), Buffer.alloc(0)]
}

/** `npm run fuzz [-- COUNT]`, SEED=… to do it again: inputs of every kind against a broker in a process of its own. */
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
    const client = await WireClient.open(ports.open)
    await client.call(CreateTopics, 4, {
      topics: [{ name: 't', numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] }],
      timeoutMs: 10_000,
      validateOnly: false,
    })
    const { apiKeys } = await client.call(ApiVersions, 0, {})
    client.close()
    const served = new Map(
      apiKeys.map(({ apiKey, minVersion, maxVersion }) => [apiKey, [minVersion, maxVersion] as const]),
    )
    await run(broker, ports, served, problems)
  } finally {
    await broker.dispose()
  }
  const files = Math.max(FILES_MIN, Math.floor(INPUTS / INPUTS_A_FILE))
  problems.push(...(await fuzzFiles(files, new SeededPrng(seed))))
  for (const problem of problems) console.log(`FAIL ${problem}`)
  console.log(problems.length === 0 ? 'ok' : `${problems.length} failed, SEED=${seed}`)
  process.exitCode = problems.length === 0 ? 0 : 1
}

async function run(
  broker: WatchedBroker,
  ports: FuzzPorts,
  served: ReadonlyMap<number, readonly [min: number, max: number]>,
  problems: string[],
): Promise<void> {
  const counts = new Map<string, number>(KINDS.map((kind) => [kind, 0]))
  const total = () => [...counts.values()].reduce((sum, count) => sum + count, 0)
  const known = batches()
  let isOver = false
  const workers = Array.from({ length: WORKERS }, (_, index) => {
    const prng = new SeededPrng(seed + index)
    const kind = KINDS[index % KINDS.length] ?? 'open'
    // Every third of those that are served sends batches alone.
    const keys =
      kind === 'open' && index % 3 === 0 ? new Map([...served].filter(([key]) => key === Produce.key)) : served
    const worker = new FuzzWorker(kind, ports, new FrameFuzz(prng, keys, known), prng)
    return worker.run(
      (inputs) => counts.set(kind, (counts.get(kind) ?? 0) + inputs),
      () => isOver,
    )
  })
  let baselineBytes: number | null = null
  let heldMs = 0
  while (!isOver) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS))
    const watched: Watched = await (baselineBytes === null ? broker.reset() : broker.quick())
    if (baselineBytes !== null) heldMs = Math.max(heldMs, watched.heldMs)
    if (total() >= INPUTS * WARM_UP_SHARE) baselineBytes ??= watched.rssBytes
    console.log(
      `${total()} inputs, ${megabytes(watched.rssBytes)}, loop held ${ms(watched.heldMs)} (late ${ms(watched.stallMs)})`,
    )
    if (watched.rejections > 0)
      problems.push(`${watched.rejections} unhandled rejections: ${broker.process.stderr.slice(-3000)}`)
    const bug = broker.process.stderr.split('\n').find((line) => /failed by a bug|could not be answered/.test(line))
    if (bug !== undefined) problems.push(`the log tells of a bug: ${bug.slice(0, 3000)}`)
    isOver = total() >= INPUTS || problems.length > 0
  }
  await Promise.all(workers)
  for (const [kind, count] of counts) console.log(`${kind}: ${count} inputs`)
  await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS))
  await broker.reset()
  const { rssBytes } = await broker.reset()
  const grown = rssBytes - (baselineBytes ?? rssBytes)
  console.log(
    `memory grew by ${megabytes(grown)} (bound ${megabytes(MEMORY_BYTES_MAX)}), loop held ${ms(heldMs)} at the most (bound ${ms(HELD_MS_MAX)})`,
  )
  if (grown > MEMORY_BYTES_MAX) problems.push(`memory grew by ${megabytes(grown)}`)
  if (heldMs > HELD_MS_MAX) problems.push(`the loop was held for ${ms(heldMs)}`)
}

await main()
