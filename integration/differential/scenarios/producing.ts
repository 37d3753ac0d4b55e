import { producerId, timestamp } from '@odradek/core'
import { Produce } from '@odradek/protocol'
import { type BatchToBuild, buildBatch } from '@odradek/records'
import { eachVersion, type Scenario } from '../scenario.ts'
import type { World } from '../world.ts'

/** Versions from which batches of format 2 are taken. */
export const RECORD_BATCHES = { first: 3 } as const
const TOPIC_IDS_VERSION = 13
export const NOW_MS = BigInt(Date.now())

export function batch(values: readonly string[], rest: Partial<BatchToBuild> = {}): Uint8Array {
  const records = values.map((value, index) => ({
    timestamp: timestamp(NOW_MS + BigInt(index)),
    key: Buffer.from(`k${index}`),
    value: Buffer.from(value),
  }))
  return buildBatch({ records, ...rest })
}

/** With the batch's header changed after its checksum was made. */
function changed(bytes: Uint8Array, at: number, ...values: readonly number[]): Uint8Array {
  const copy = Buffer.from(bytes)
  Buffer.from(values).copy(copy, at)
  return copy
}

/** Another byte than the one that is there, whatever that is. */
const flipped = (bytes: Uint8Array, at: number): Uint8Array => changed(bytes, at, (bytes[at] ?? 0) ^ 0xff)

interface Row {
  readonly index?: number
  readonly records: Uint8Array
}

export class Producing {
  private readonly world: World
  private readonly version: number
  private readonly name: string
  private readonly topicId: string

  private constructor(world: World, version: number, name: string, topicId: string) {
    this.world = world
    this.version = version
    this.name = name
    this.topicId = topicId
  }

  static async to(
    world: World,
    version: number,
    configs: Readonly<Record<string, string>> = {},
    suffix = 't',
  ): Promise<Producing> {
    const name = await world.topic(suffix, 2, configs)
    return new Producing(world, version, name, await world.topicId(name))
  }

  async send(records: Uint8Array, acks = -1): Promise<void> {
    await this.rows([{ records }], acks)
  }

  async rows(rows: readonly Row[], acks = -1, transactionalId: string | null = null): Promise<void> {
    const partitionData = rows.map(({ index = 0, records }) => ({ index, records }))
    const topic = this.version >= TOPIC_IDS_VERSION ? { topicId: this.topicId } : { name: this.name }
    await this.world.ask(Produce, this.version, {
      transactionalId,
      acks,
      timeoutMs: 10_000,
      topicData: [{ ...topic, partitionData }],
    })
  }
}

const plain: readonly Scenario[] = [
  ...eachVersion(Produce, RECORD_BATCHES, 'batches', async (world, version) => {
    const to = await Producing.to(world, version)
    await to.send(batch(['a']))
    await to.send(batch(['b', 'c']), 1)
    await to.rows([
      { records: batch(['d']) },
      { index: 1, records: batch(['e', 'f']) },
      { index: 2, records: batch(['g']) },
    ])
    for (const acks of [2, -2]) await to.send(batch(['a']), acks)
  }),
  ...eachVersion(Produce, RECORD_BATCHES, 'topics that are not there', async (world, version) => {
    const id = { topicId: 'AAAAAAAAAAAAAAAAAAAAAQ' }
    const names = [world.name('not-there'), 'a/b', '']
    const topics = version >= TOPIC_IDS_VERSION ? [id] : names.map((name) => ({ name }))
    const topicData = topics.map((topic) => ({ ...topic, partitionData: [{ index: 0, records: batch(['a']) }] }))
    await world.ask(Produce, version, { transactionalId: null, acks: -1, timeoutMs: 10_000, topicData })
    await world.ask(Produce, version, { transactionalId: null, acks: -1, timeoutMs: 10_000, topicData: [] })
  }),
]

const malformed: readonly Scenario[] = [
  ...eachVersion(Produce, RECORD_BATCHES, 'damaged batches', async (world, version) => {
    const to = await Producing.to(world, version)
    const good = batch(['a', 'b'])
    await to.send(flipped(good, 17))
    await to.send(flipped(good, good.length - 1))
    for (const magic of [0, 1, 3]) await to.send(changed(good, 16, magic))
    await to.send(changed(good, 8, 0, 0, 0, 13))
    await to.send(changed(good, 8, 0xff, 0xff, 0xff, 0xff))
    await to.send(good.subarray(0, good.length - 1))
    await to.send(good.subarray(0, 11))
    await to.send(new Uint8Array())
    await to.send(Buffer.concat([good, good]))
    await to.send(Buffer.concat([good, Buffer.alloc(16)]))
    await to.send(Buffer.concat([good, Buffer.alloc(17)]))
    await to.send(changed(good, 0, 0, 0, 0, 0, 0, 0, 0, 5))
  }),
  ...eachVersion(Produce, RECORD_BATCHES, 'too large', async (world, version) => {
    const to = await Producing.to(world, version, { 'max.message.bytes': '200' })
    await to.send(batch(['x'.repeat(100)]))
    await to.send(batch(['x'.repeat(300)]))
  }),
  ...eachVersion(Produce, RECORD_BATCHES, 'timestamps out of bounds', async (world, version) => {
    const to = await Producing.to(world, version, {
      'message.timestamp.before.max.ms': '60000',
      'message.timestamp.after.max.ms': '60000',
    })
    const at = (time: bigint) => ({ timestamp: timestamp(time), key: null, value: Buffer.from('v') })
    await to.send(buildBatch({ records: [at(NOW_MS), at(NOW_MS - 3_600_000n), at(NOW_MS + 36_000_000n)] }))
    await to.send(buildBatch({ records: [at(-1n)] }))
  }),
  ...eachVersion(Produce, RECORD_BATCHES, 'no keys where keys must be', async (world, version) => {
    const to = await Producing.to(world, version, { 'cleanup.policy': 'compact' })
    const record = (key: string | null) => ({
      timestamp: timestamp(NOW_MS),
      key: key === null ? null : Buffer.from(key),
      value: Buffer.from('v'),
    })
    await to.send(buildBatch({ records: [record('k'), record(null), record(null)] }))
    await to.send(buildBatch({ records: [record('k')] }))
  }),
  ...eachVersion(Produce, RECORD_BATCHES, 'the time of the append', async (world, version) => {
    const to = await Producing.to(world, version, { 'message.timestamp.type': 'LogAppendTime' })
    await to.send(batch(['a', 'b']))
  }),
]

const sequenced: readonly Scenario[] = [
  ...eachVersion(Produce, RECORD_BATCHES, 'sequences of an idempotent producer', async (world, version) => {
    const to = await Producing.to(world, version)
    const send = (baseSequence: number, count = 1, producerEpoch = 0) => {
      const values = Array.from({ length: count }, (_, index) => `v${index}`)
      return to.send(batch(values, { producerId: producerId(77_777n), producerEpoch, baseSequence }))
    }
    await send(5)
    for (let next = 6; next < 11; next++) await send(next)
    // The last five are known again, what was before them is out of order.
    for (const known of [10, 6, 5]) await send(known)
    await send(9, 2)
    await send(12)
    await send(11, 3)
    await send(0, 1, 1)
    await send(14)
    await send(3, 1, 2)
    await send(2_147_483_647, 1, 1)
    await send(-1)
  }),
  ...eachVersion(Produce, RECORD_BATCHES, 'sequences start again after the largest', async (world, version) => {
    const to = await Producing.to(world, version)
    const send = (baseSequence: number, values: readonly string[]) =>
      to.send(batch(values, { producerId: producerId(77_778n), producerEpoch: 0, baseSequence }))
    await send(2_147_483_646, ['a', 'b'])
    await send(0, ['c'])
    await send(2_147_483_646, ['a', 'b'])
    await send(2, ['d'])
  }),
  ...eachVersion(
    Produce,
    RECORD_BATCHES,
    'control and transactional batches that do not belong',
    async (world, version) => {
      const to = await Producing.to(world, version)
      const producer = { producerId: producerId(77_779n), producerEpoch: 0, baseSequence: 0 }
      await to.rows([{ records: batch(['a'], { ...producer, isTransactional: true }) }])
      await to.rows([{ records: batch(['a'], producer) }], -1, world.name('tx'))
      const marker = changed(batch(['a'], producer), 22, 0x20)
      await to.send(marker)
    },
  ),
]

export const producing: readonly Scenario[] = [...plain, ...malformed, ...sequenced]
