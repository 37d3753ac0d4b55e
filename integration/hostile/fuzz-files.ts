import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Prng, timestamp } from '@odradek/core'
import { CreateTopics, Fetch, Metadata, OffsetCommit, Produce } from '@odradek/protocol'
import { buildBatch } from '@odradek/records'
import { BrokerProcess } from '../harness/broker-process.ts'
import { WireClient } from '../harness/wire-client.ts'

const PARTITIONS = 30
const BATCHES = 5
/** Spoilt between two starts. */
const FILES_A_START = 50
/** A start may be refused in words; a stack of ours is a bug. */
const STACK = /\n\s+at .+\(?.+:\d+:\d+\)?/

/** Spoils files of a data directory that was left by a kill or a clean stop, and starts on it: what is wrong, told or none. */
export async function fuzzFiles(count: number, prng: Prng): Promise<string[]> {
  const source = await fill()
  const problems: string[] = []
  let spoilt = 0
  let refused = 0
  for (let starts = 0; spoilt < count && problems.length === 0; starts++) {
    const directory = mkdtempSync(join(tmpdir(), 'odradek-fuzz-'))
    cpSync(source, directory, { recursive: true })
    const names = filesBelow(directory)
    // Where the metadata is spoilt, little else is looked at: it is only every fifth time.
    const targets = starts % 5 === 0 ? names : names.filter((name) => !name.includes('__cluster_metadata'))
    for (let file = 0; file < FILES_A_START; file++) {
      spoil(join(directory, targets[prng.below(targets.length)] ?? ''), prng)
      spoilt++
    }
    const problem = await start(directory)
    if (problem === 'refused') refused++
    else if (problem !== null) problems.push(`files, start ${starts}: ${problem}`)
    rmSync(directory, { recursive: true, force: true })
  }
  rmSync(source, { recursive: true, force: true })
  console.log(`files: ${spoilt} spoilt, ${refused} starts refused`)
  return problems
}

async function fill(): Promise<string> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'odradek-fuzz-source-'))
  const broker = await BrokerProcess.start({ dataDirectory })
  const client = await WireClient.open(portOf(broker))
  const topic = { name: 't', numPartitions: PARTITIONS, replicationFactor: 1, assignments: [], configs: [] }
  await client.call(CreateTopics, 4, { topics: [topic], timeoutMs: 10_000, validateOnly: false })
  const records = buildBatch({
    records: [{ timestamp: timestamp(1n), key: Buffer.from('k'), value: Buffer.alloc(300, 5), headers: [] }],
  })
  for (let batch = 0; batch < BATCHES; batch++) {
    const partitionData = Array.from({ length: PARTITIONS }, (_, index) => ({ index, records }))
    const topicData = [{ name: 't', partitionData }]
    await client.call(Produce, 9, { transactionalId: null, acks: -1, timeoutMs: 10_000, topicData })
  }
  const partitions = [{ partitionIndex: 0, committedOffset: 1n, committedMetadata: 'm' }]
  await client.call(OffsetCommit, 7, { groupId: 'g', topics: [{ name: 't', partitions }] })
  client.close()
  await broker.stop()
  return dataDirectory
}

async function start(dataDirectory: string): Promise<string | null> {
  const broker = new BrokerProcess({ dataDirectory })
  try {
    await broker.start()
  } catch {
    return STACK.test(broker.stderr) ? `it ended with ${broker.stderr.slice(-3000)}` : 'refused'
  }
  try {
    const client = await WireClient.open(portOf(broker))
    await client.call(Metadata, 1, { topics: null })
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const partitions = [{ partition, fetchOffset: 0n, partitionMaxBytes: 1_000_000 }]
      await client.call(Fetch, 4, {
        maxWaitMs: 0,
        minBytes: 0,
        maxBytes: 1_000_000,
        topics: [{ topic: 't', partitions }],
      })
    }
    client.close()
    const bug = broker.stderr
      .split('\n')
      .find((line) => /failed by a bug|TypeError|RangeError|AssertionError/.test(line))
    return bug === undefined ? null : bug.slice(0, 3000)
  } catch (error) {
    return `${String(error)}; ${broker.stderr.slice(-3000)}`
  } finally {
    await broker.kill()
  }
}

function portOf(broker: BrokerProcess): number {
  return Number(broker.bootstrap[0]?.split(':').at(-1))
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true })
    .map(String)
    .filter((name) => statSync(join(directory, name)).isFile())
    .sort()
}

function spoil(path: string, prng: Prng): void {
  const bytes = readFileSync(path)
  const at = prng.below(bytes.length + 1)
  const changed = Buffer.from(bytes)
  switch (prng.below(5)) {
    case 0:
      writeFileSync(path, bytes.subarray(0, at))
      return
    case 1:
      for (let count = 1 + prng.below(8); count > 0 && changed.length > 0; count--)
        changed[prng.below(changed.length)] = prng.below(256)
      writeFileSync(path, changed)
      return
    case 2:
      writeFileSync(path, Buffer.concat([bytes.subarray(0, at), prng.bytes(1 + prng.below(100)), bytes.subarray(at)]))
      return
    case 3:
      writeFileSync(path, changed.fill(0, at))
      return
    default:
      writeFileSync(path, prng.bytes(prng.below(1000)))
  }
}
