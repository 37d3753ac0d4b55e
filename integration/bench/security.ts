import { cpus, loadavg } from 'node:os'
import { offset } from '@odradek/core'
import { ApiVersions, ErrorCode, SaslAuthenticate, SaslHandshake } from '@odradek/protocol'
import { logInByScram, saltedPassword } from '../harness/scram-login.ts'
import { WireClient } from '../harness/wire-client.ts'
import { ask } from './ask.ts'
import { load } from './load.ts'
import { cpuMs } from './process-cost.ts'
import { batchOf, createTopicFrame, fetchFrame, produceFrame } from './requests.ts'
import { type ListenerName, PASSWORD, SecureBroker, USER } from './secure-broker.ts'

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5)
const WARM_UP_MS = 500
const WINDOW_MS = 2000
/** Clients that connect at once, each again when it has been answered. */
const CONNECTING = 8
const PARTITIONS = 4
const FILL_BATCHES = 8

interface Round {
  /** Connections or megabytes. */
  readonly count: number
  readonly seconds: number
  readonly brokerCpuMs: number
  readonly generatorCpuMs: number
}

interface Case {
  readonly name: string
  readonly unit: 'connections' | 'MB'
  run(broker: SecureBroker): Promise<Round>
}

type Login = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512' | null

const CONNECTS: readonly (readonly [ListenerName, Login])[] = [
  ['PLAINTEXT', null],
  ['SSL', null],
  ['SASL_PLAINTEXT', 'PLAIN'],
  ['SASL_PLAINTEXT', 'SCRAM-SHA-256'],
  ['SASL_PLAINTEXT', 'SCRAM-SHA-512'],
  ['SASL_SSL', 'SCRAM-SHA-512'],
]
const TRANSFERS = [
  { name: 'produce 16 KB, 10 x 4', batchBytes: 16_384, connections: 10, depth: 4, isFetch: false },
  { name: 'produce 1 MB, 4 x 4', batchBytes: 1_000_000, connections: 4, depth: 4, isFetch: false },
  { name: 'fetch of 1 MB, 4 x 1', batchBytes: 1_000_000, connections: 4, depth: 1, isFetch: true },
] as const

const CASES: readonly Case[] = [
  ...CONNECTS.map(([listener, login]): Case => {
    const name = `connect, ${listener}${login === null ? '' : `, log in by ${login}`}`
    return { name, unit: 'connections', run: (broker) => connecting(broker, listener, login) }
  }),
  ...TRANSFERS.flatMap((shape) =>
    (['PLAINTEXT', 'SSL'] as const).map(
      (listener): Case => ({
        name: `${shape.name}, ${listener}`,
        unit: 'MB',
        run: (broker) => transferring(broker, listener, shape),
      }),
    ),
  ),
]

/** What a password comes to is worked out once: it is the client's work, and much more than the broker's. */
const salted = new Map<string, Buffer>()
const saltOnce: typeof saltedPassword = (password, salt, iterations, mechanism) => {
  const key = `${mechanism} ${Buffer.from(salt).toString('base64')}`
  const known = salted.get(key) ?? saltedPassword(password, salt, iterations, mechanism)
  salted.set(key, known)
  return known
}

/** Connects, logs in, asks for the versions, and leaves. TLS sessions are not resumed. */
async function connectOnce(broker: SecureBroker, listener: ListenerName, login: Login): Promise<void> {
  const { port, ca } = broker.address(listener)
  const client = await WireClient.open(port, ca)
  const { errorCode } = await client.call(ApiVersions, 0, {})
  if (errorCode !== ErrorCode.NONE) throw new Error(`ApiVersions: ${errorCode}`)
  if (login !== null) {
    const answer = await logIn(client, login)
    if (answer.errorCode !== ErrorCode.NONE) throw new Error(`${login}: ${answer.errorMessage}`)
  }
  client.close()
}

async function logIn(client: WireClient, login: NonNullable<Login>) {
  if (login !== 'PLAIN') return logInByScram(client, { mechanism: login, name: USER, password: PASSWORD }, saltOnce)
  await client.call(SaslHandshake, 1, { mechanism: login })
  return client.call(SaslAuthenticate, 2, { authBytes: Buffer.from(`\0${USER}\0${PASSWORD}`) })
}

async function connecting(broker: SecureBroker, listener: ListenerName, login: Login): Promise<Round> {
  let count = 0
  let isOver = false
  const workers = Array.from({ length: CONNECTING }, async () => {
    for (; !isOver; count++) await connectOnce(broker, listener, login)
  })
  await sleep(WARM_UP_MS)
  const begun = meter(broker)
  const before = count
  await sleep(WINDOW_MS)
  const round = { ...begun(), count: count - before }
  isOver = true
  await Promise.all(workers)
  return round
}

async function transferring(
  broker: SecureBroker,
  listener: ListenerName,
  shape: (typeof TRANSFERS)[number],
): Promise<Round> {
  const topic = `${shape.isFetch ? 'fetch' : 'produce'}-${listener}-${shape.batchBytes}`
  const plain = broker.address('PLAINTEXT')
  await ask(plain, createTopicFrame(topic, PARTITIONS))
  const batch = batchOf(shape.batchBytes)
  const frames = Array.from({ length: PARTITIONS }, (_, partition) =>
    shape.isFetch
      ? fetchFrame(topic, partition, offset(0), shape.batchBytes)
      : produceFrame(topic, partition, batch, 1),
  )
  if (shape.isFetch)
    for (let partition = 0; partition < PARTITIONS; partition++)
      for (let index = 0; index < FILL_BATCHES; index++) await ask(plain, produceFrame(topic, partition, batch, 1))
  let begun = meter(broker)
  const { connections, depth } = shape
  const times = { connections, depth, warmUpMs: WARM_UP_MS, windowMs: WINDOW_MS }
  const figures = await load(broker.address(listener), frames, times, () => {
    begun = meter(broker)
  })
  const bytes = shape.isFetch ? figures.responseBytes : figures.requests * shape.batchBytes
  return { ...begun(), count: bytes / 1e6 }
}

const sleep = (ms: number): Promise<void> => new Promise((resume) => setTimeout(resume, ms))

/** What time and processors have been spent between now and the call of the result. */
function meter({ process: { pid } }: SecureBroker): () => Omit<Round, 'count'> {
  const begun = { ms: performance.now(), broker: cpuMs(pid), generator: cpuMs(process.pid) }
  return () => ({
    seconds: (performance.now() - begun.ms) / 1000,
    brokerCpuMs: cpuMs(pid) - begun.broker,
    generatorCpuMs: cpuMs(process.pid) - begun.generator,
  })
}

/** Median, least and most. */
function spread(values: readonly number[], digits: number): string {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (index: number): string => (sorted[index] ?? Number.NaN).toFixed(digits)
  return `${at(Math.floor(sorted.length / 2))} (${at(0)}-${at(sorted.length - 1)})`
}

function row({ name, unit }: Case, rounds: readonly Round[]): Record<string, string> {
  return {
    case: name,
    'a second': `${spread(
      rounds.map(({ count, seconds }) => count / seconds),
      0,
    )} ${unit}`,
    'broker CPU ms each': spread(
      rounds.map(({ count, brokerCpuMs }) => brokerCpuMs / count),
      2,
    ),
    'generator, of a core': spread(
      rounds.map(({ generatorCpuMs, seconds }) => generatorCpuMs / 1000 / seconds),
      2,
    ),
  }
}

const loads = (): string =>
  loadavg()
    .map((value) => value.toFixed(1))
    .join(' ')

/** `npm run bench:security [PART OF A NAME]`: what TLS and logins cost beside the plain listener; all cases in turn, several times. */
async function main(): Promise<void> {
  const wanted = process.argv[2] ?? ''
  const cases = CASES.filter(({ name }) => name.includes(wanted))
  if (cases.length === 0)
    throw new Error(`no case has "${wanted}" in its name; there are: ${CASES.map(({ name }) => name).join(' | ')}`)
  console.log(`${cpus().length} cores (${cpus()[0]?.model}), Node ${process.version}, load ${loads()}`)
  const rounds = new Map<Case, Round[]>(cases.map((one) => [one, []]))
  for (let index = 0; index < ROUNDS; index++) {
    const broker = await SecureBroker.start()
    try {
      // Not measured: it compiles what all that connect have in common.
      await connecting(broker, 'SASL_SSL', 'SCRAM-SHA-512')
      for (const [one, done] of rounds) done.push(await one.run(broker))
    } finally {
      await broker.dispose()
    }
  }
  console.log(`${ROUNDS} rounds of ${WINDOW_MS} ms each: median (least-most); load ${loads()}`)
  console.table([...rounds].map(([one, done]) => row(one, done)))
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
