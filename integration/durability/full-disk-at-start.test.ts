import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SeededPrng } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { BrokerProcess } from '../harness/broker-process.ts'
import { freePorts } from '../harness/free-ports.ts'
import { WireClient } from '../harness/wire-client.ts'
import { createdTopic, produce, readWhole } from './broker-calls.ts'
import { portOf } from './cycles-under-load.ts'
import type { FinalLog } from './history.ts'
import { Mount, tmpfsFault } from './mount.ts'
import { testUnless } from './optional-test.ts'
import { randomBatch } from './random-batch.ts'
import { SEED } from './seed.ts'

const TOPIC = 't'
const PARTITIONS = 3
const BATCHES = 30
const PIECE_BYTES = 64 * 1024
const PAGE_BYTES = 4096
const BALLAST = 'ballast-'
/** That are given back one by one. */
const PAGES = 16

const pageAt = (path: string, page: number): string => join(path, `${BALLAST}page-${page}`)

/** To the last page. */
function fill(path: string): void {
  for (let page = 0; page < PAGES; page++) writeFileSync(pageAt(path, page), Buffer.alloc(PAGE_BYTES))
  try {
    for (let file = 0; ; file++) writeFileSync(join(path, `${BALLAST}${file}`), Buffer.alloc(PIECE_BYTES))
  } catch {
    // Full: so it was meant.
  }
}

function makeSpace(path: string): void {
  for (const name of readdirSync(path)) if (name.startsWith(BALLAST)) rmSync(join(path, name))
}

async function withClient<Result>(
  broker: BrokerProcess,
  use: (client: WireClient) => Promise<Result>,
): Promise<Result> {
  const client = await WireClient.open(portOf(broker))
  try {
    return await use(client)
  } finally {
    client.close()
  }
}

async function write(client: WireClient, prng: SeededPrng, batches: number): Promise<void> {
  for (let batch = 0; batch < batches; batch++) {
    const { bytes } = randomBatch(prng, `batch-${batch}`, null, Date.now())
    const { errorCode } = await produce(client, TOPIC, batch % PARTITIONS, bytes)
    expect(errorCode).toBe(ErrorCode.NONE)
  }
}

async function everything(client: WireClient): Promise<FinalLog[]> {
  const logs: FinalLog[] = []
  for (let partition = 0; partition < PARTITIONS; partition++) logs.push(await readWhole(client, TOPIC, partition))
  return logs
}

/** What the broker says before it ends with code 1; null when it starts. */
async function startFault(broker: BrokerProcess): Promise<string | null> {
  const before = broker.stderr.length
  try {
    await broker.start()
    return null
  } catch (error) {
    expect(String(error)).toContain('the broker ended with 1;')
    return broker.stderr.slice(before)
  }
}

/** On a full disk, of which page after page is given back until it starts. */
async function startInNarrowSpace(broker: BrokerProcess, path: string): Promise<void> {
  fill(path)
  const faults: string[] = []
  for (let page = 0; page < PAGES; page++) {
    const fault = await startFault(broker)
    if (fault === null) break
    faults.push(fault)
    rmSync(pageAt(path, page))
  }
  expect(faults.length).toBeGreaterThan(0)
  expect(faults.length).toBeLessThan(PAGES)
  // The last line; before it the log may tell what else it could not do.
  const line = /^odradek: data directory \S+\/data: [^\n]*; make space there, or name another directory [^\n]*\n$/m
  for (const fault of faults) expect(fault.split(/(?<=\n)/).at(-1)).toMatch(line)
}

testUnless(
  tmpfsFault(),
  `a disk that is full at the start is told in one line, nothing is damaged, and with space all is there (SEED=${SEED})`,
  async () => {
    const mount = await Mount.open('-t', 'tmpfs', '-o', 'size=32m', 'none')
    const broker = new BrokerProcess({ dataDirectory: join(mount.path, 'data'), port: await freePorts(1) })
    const prng = new SeededPrng(SEED)
    try {
      await startInNarrowSpace(broker, mount.path)
      makeSpace(mount.path)
      await withClient(broker, (client) => createdTopic(client, TOPIC, PARTITIONS))
      for (const how of ['stop', 'kill'] as const) {
        await withClient(broker, (client) => write(client, prng, BATCHES))
        const before = await withClient(broker, everything)
        await broker[how]()
        await startInNarrowSpace(broker, mount.path)
        // Where there is room to start and for nothing else, it can be read.
        expect(await withClient(broker, everything)).toEqual(before)
        await broker.kill()
        makeSpace(mount.path)
        await broker.start()
        expect(await withClient(broker, everything)).toEqual(before)
      }
    } finally {
      await broker.dispose()
      await mount.close()
    }
  },
  60_000,
)
