import { Fetch, ListOffsets, Produce } from '@odradek/protocol'
import { eachVersion, type Scenario } from '../scenario.ts'
import type { World } from '../world.ts'

/** One message, `a` without a key; the second with a time. */
const FORMAT_0 = Buffer.from('00000000000000000000000f51df3a320000ffffffff0000000161', 'hex')
const FORMAT_1 = Buffer.from('00000000000000000000001742b4af0201000000018bcfe56800ffffffff0000000161', 'hex')
/** The time is long ago. */
const KEPT = { 'retention.ms': '-1' }
const BYTES_MAX = 1_000_000

function produce(world: World, version: number, name: string, records: Uint8Array, acks = -1, index = 0) {
  const topicData = [{ name, partitionData: [{ index, records }] }]
  return world.ask(Produce, version, { acks, timeoutMs: 10_000, topicData })
}

/** Its offsets are 0 to 2. */
async function filled(world: World): Promise<string> {
  const name = await world.topic('t', 2, KEPT)
  for (const records of [FORMAT_1, Buffer.concat([FORMAT_1, FORMAT_1])])
    await world.quietly(Produce, 2, {
      acks: -1,
      timeoutMs: 10_000,
      topicData: [{ name, partitionData: [{ index: 0, records }] }],
    })
  return name
}

export const oldFormats: readonly Scenario[] = [
  ...eachVersion(Produce, { kept: 3, last: 2 }, 'messages of the formats of old', async (world, version) => {
    const name = await world.topic('t', 2, KEPT)
    const format = version < 2 ? FORMAT_0 : FORMAT_1
    await produce(world, version, name, format)
    await produce(world, version, name, Buffer.concat([format, format]), 1)
    const damaged = Buffer.from(format)
    damaged[damaged.length - 1] = 0x62
    await produce(world, version, name, damaged)
    await produce(world, version, name, format, 2)
    await produce(world, version, name, format, -1, 7)
    await produce(world, version, world.name('not-there'), format)
    await world.ask(Produce, version, { acks: -1, timeoutMs: 10_000, topicData: [] })
  }),
  ...eachVersion(Fetch, { kept: 4, last: 3 }, 'messages of the formats of old', async (world, version) => {
    const name = await filled(world)
    const fetch = (offset: number, partition = 0, topic = name, partitionMaxBytes = BYTES_MAX) => {
      const partitions = [{ partition, fetchOffset: BigInt(offset), partitionMaxBytes }]
      const terms = { maxWaitMs: 0, minBytes: 0, maxBytes: BYTES_MAX, forgottenTopicsData: [] }
      return world.ask(Fetch, version, { ...terms, topics: [{ topic, partitions }] })
    }
    for (const offset of [0, 1, 3, 4, -1]) await fetch(offset)
    await fetch(0, 1)
    await fetch(0, 7)
    await fetch(0, 0, world.name('not-there'))
  }),
  ...eachVersion(ListOffsets, { kept: 1, last: 0 }, 'ends of segments', async (world, version) => {
    const name = await filled(world)
    for (const timestamp of [-1n, -2n])
      for (const maxNumOffsets of [1, 5]) {
        const topics = [0, 1, 7].map((partitionIndex) => ({
          name,
          partitions: [{ partitionIndex, timestamp, maxNumOffsets }],
        }))
        await world.ask(ListOffsets, version, { replicaId: -1, topics })
      }
    const partitions = [{ partitionIndex: 0, timestamp: -1n, maxNumOffsets: 1 }]
    await world.ask(ListOffsets, version, { replicaId: -1, topics: [{ name: world.name('not-there'), partitions }] })
  }),
]
