import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { timestamp } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { buildBatch } from '@odradek/records'
import { createdTopic } from '../durability/broker-calls.ts'
import { ConnectionLost, WireClient } from '../harness/wire-client.ts'
import { type Against, againstOf, type BrokerUnderTest, startBroker } from './broker-under-test.ts'
import { readShown } from './read-committed.ts'
import { produceBatch, stableOffset } from './transaction-calls.ts'
import { TRANSFORMER_KINDS, Transformer, type TransformerKind } from './transformers.ts'

const USAGE = `usage: npm run exactly-once [-- RECORDS KILLS [CLIENT…]], clients: ${TRANSFORMER_KINDS.join(', ')}; AGAINST=kafka takes a real Kafka`
const RECORDS = 20_000
const KILLS = 4
const PARTITIONS = 4
const PROCESSES = 2
const BATCH_RECORDS = 500
const INPUT = 'input'
const OUTPUT = 'output'
const GROUP = 'transformers'
const PRODUCE_VERSION = 11
const LOOK_MS = 50
/** Nothing takes that long but what does not happen. */
const PROGRESS_MS_MAX = 120_000
const SHOWN_MAX = 10
/** So that a dead member is missed soon. */
const SETTINGS = { 'group.min.session.timeout.ms': '1000' }

const wait = (ms: number): Promise<void> => new Promise((resume) => setTimeout(resume, ms))

/** Record i is in partition i modulo their number. */
async function fill(client: WireClient, records: number): Promise<void> {
  const now = timestamp(BigInt(Date.now()))
  for (let partition = 0; partition < PARTITIONS; partition++)
    for (let first = partition; first < records; first += PARTITIONS * BATCH_RECORDS) {
      const numbers = Array.from({ length: BATCH_RECORDS }, (_, index) => first + index * PARTITIONS)
      const values = numbers.filter((number) => number < records).map((number) => Buffer.from(String(number)))
      const batch = buildBatch({ records: values.map((value) => ({ timestamp: now, key: null, value })) })
      const { errorCode } = await produceBatch(client, PRODUCE_VERSION, null, INPUT, partition, batch)
      if (errorCode !== ErrorCode.NONE) throw new Error(`the input could not be written: error ${errorCode}`)
    }
}

/** Input records whose transaction is committed; null while nobody can say. */
async function transformed(port: number): Promise<number | null> {
  try {
    const client = await WireClient.open(port)
    try {
      let sum = 0
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const found = await stableOffset(client, GROUP, `${INPUT}-${partition}`)
        if (found.errorCode !== ErrorCode.NONE) return null
        sum += Math.max(0, found.offset)
      }
      return sum
    } finally {
      client.close()
    }
  } catch (error) {
    if (error instanceof ConnectionLost) return null
    throw error
  }
}

interface Difference {
  readonly missing: number
  readonly doubled: number
  readonly outOfOrder: number
}

/** The output of each partition must be its input, transformed, in the same order. */
async function difference(port: number, records: number): Promise<Difference> {
  const client = await WireClient.open(port)
  let [missing, doubled, outOfOrder] = [0, 0, 0]
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const output = await readShown(client, OUTPUT, partition, 'read_committed')
    const seen = new Set<string>()
    let last = -1
    for (const { value } of output.records) {
      if (seen.has(value)) {
        doubled += 1
        if (doubled <= SHOWN_MAX) console.error(`${value} is in ${OUTPUT}-${partition} twice`)
      }
      seen.add(value)
      const number = Number(value.slice(1))
      if (number < last) outOfOrder += 1
      last = Math.max(last, number)
    }
    for (let number = partition; number < records; number += PARTITIONS) if (!seen.has(`t${number}`)) missing += 1
  }
  client.close()
  return { missing, doubled, outOfOrder }
}

/** Kills broker and client in turn, whenever an equal share of the work is done. */
async function work(
  broker: BrokerUnderTest,
  transformers: readonly Transformer[],
  records: number,
  kills: number,
): Promise<void> {
  let done = 0
  let movedAtMs = performance.now()
  for (let killed = 0; done < records; ) {
    const now = await transformed(broker.port)
    if (now !== null && now > done) movedAtMs = performance.now()
    done = Math.max(done, now ?? 0)
    if (performance.now() - movedAtMs > PROGRESS_MS_MAX)
      throw new Error(
        `${done} of ${records} are done and nothing moves; clients said: ${transformers.map(({ output }) => output)}`,
      )
    if (killed < kills && done >= (records * (killed + 1)) / (kills + 1)) {
      if (killed % 2 === 0) {
        await broker.kill()
        await broker.start()
      } else transformers[(killed >> 1) % PROCESSES]?.kill()
      killed += 1
    } else await wait(LOOK_MS)
  }
}

async function run(kind: TransformerKind, against: Against, records: number, kills: number): Promise<boolean> {
  const broker = await startBroker(against, mkdtempSync(join(tmpdir(), 'odradek-exactly-once-')), SETTINGS)
  const transformers: Transformer[] = []
  try {
    const client = await WireClient.open(broker.port)
    for (const topic of [INPUT, OUTPUT]) await createdTopic(client, topic, PARTITIONS)
    await fill(client, records)
    client.close()
    const startMs = performance.now()
    const shared = [`127.0.0.1:${broker.port}`, INPUT, OUTPUT, GROUP]
    for (let index = 0; index < PROCESSES; index++)
      transformers.push(new Transformer(kind, [...shared, `process-${index}`]))
    await work(broker, transformers, records, kills)
    const seconds = (performance.now() - startMs) / 1000
    for (const transformer of transformers) transformer.stop()
    const found = await difference(broker.port, records)
    const isRight = found.missing + found.doubled + found.outOfOrder === 0
    const gaveUp = transformers.reduce((sum, transformer) => sum + transformer.gaveUp, 0)
    console.log(
      `${isRight ? 'ok  ' : 'FAIL'} ${kind} against ${against}: ${records} records, ${kills} kills, ${seconds.toFixed(1)} s, ${gaveUp} times a client gave up; ${JSON.stringify(found)}`,
    )
    return isRight
  } finally {
    for (const transformer of transformers) transformer.stop()
    await broker.dispose()
  }
}

function countOf(text: string | undefined, otherwise: number): number {
  const count = text === undefined ? otherwise : Number(text)
  if (!Number.isSafeInteger(count) || count < 0) throw new Error(`${text} is no number; ${USAGE}`)
  return count
}

function kindOf(text: string): TransformerKind {
  const kind = TRANSFORMER_KINDS.find((known) => known === text)
  if (kind === undefined) throw new Error(`there is no client ${text}; ${USAGE}`)
  return kind
}

async function main(): Promise<void> {
  const [recordsText, killsText, ...names] = process.argv.slice(2)
  const records = countOf(recordsText, RECORDS)
  const kills = countOf(killsText, KILLS)
  const kinds = names.length === 0 ? TRANSFORMER_KINDS : names.map(kindOf)
  let passed = 0
  for (const kind of kinds) {
    try {
      if (await run(kind, againstOf(), records, kills)) passed += 1
    } catch (error) {
      console.log(`FAIL ${kind}`)
      console.error(error)
    }
  }
  console.log(`${passed} passed, ${kinds.length - passed} failed`)
  process.exitCode = passed === kinds.length ? 0 : 1
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
