import { ask } from '../ask.ts'
import { batchOf, createTopicFrame } from '../requests.ts'
import type { Curve } from './curve.ts'
import {
  awaitEndOffset,
  checkCommit,
  commitTo,
  createTopics,
  fetchFrom,
  groupsList,
  metadataOf,
  offsetsOf,
  produceTo,
} from './curve-requests.ts'
import { type Drive, Driver } from './drive.ts'

const UP_TO_THOUSAND = [1, 10, 100, 1000]
const UP_TO_TEN_THOUSAND = [...UP_TO_THOUSAND, 10_000]
/** Several a read and a turn, as under load; and the same at every size, where the size is not that of connections. */
const BUSY = { connections: 10, inFlight: 40 }
const REQUESTS = 4000
/** Of requests that name many: so many names in all. */
const ITEMS = 40_000
const FILL_IN_FLIGHT = 200
/** Made at a time where a broker has thousands. */
const TOPICS_AT_A_TIME = 200

const BATCH = batchOf(200)
const TOPIC = 'scaling'

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index)
const drive = (frames: readonly Uint8Array[], more: Partial<Drive> = {}): Drive => ({
  ...{ frames, ...BUSY, requests: REQUESTS, itemsPerRequest: 1 },
  ...more,
})
/** One request that names `size` items, so often that the items come to the same. */
const wide = (frame: Uint8Array, size: number): Drive =>
  drive([frame], { requests: Math.max(10, Math.min(REQUESTS, ITEMS / size)), itemsPerRequest: size })

const address = (port: number) => ({ host: '127.0.0.1', port })

async function createTopic(port: number, topic: string, partitions: number): Promise<void> {
  await ask(address(port), createTopicFrame(topic, partitions))
}

/** Sends each once. */
async function sendAll(port: number, frames: readonly Uint8Array[]): Promise<void> {
  if (frames.length === 0) return
  const driver = await Driver.open(port, drive(frames, { connections: 1, inFlight: FILL_IN_FLIGHT }))
  await driver.run(frames.length)
  driver.close()
}

/** The topic of the partitions has as many as the size says, and each has a batch. */
async function growPartitions(port: number, size: number): Promise<string> {
  const topic = `${TOPIC}-${size}`
  await createTopic(port, topic, size)
  await awaitEndOffset(port, topic, size - 1, 0)
  await sendAll(
    port,
    range(0, size).map((index) => produceTo(topic, [index], BATCH)),
  )
  await awaitEndOffset(port, topic, size - 1, 1)
  return topic
}

const topicName = (index: number): string => `topic-${index}`

async function growTopics(port: number, from: number, size: number): Promise<void> {
  for (let first = from; first < size; first += TOPICS_AT_A_TIME) {
    const names = range(first, Math.min(size, first + TOPICS_AT_A_TIME)).map(topicName)
    await ask(address(port), createTopics(names))
  }
  await awaitEndOffset(port, topicName(size - 1), 0, 0)
}

const groupName = (index: number): string => `group-${index}`

async function growGroups(port: number, from: number, size: number): Promise<void> {
  if (from === 0) await createTopic(port, TOPIC, 1)
  await checkCommit(port, groupName(from), TOPIC)
  await sendAll(
    port,
    range(from, size).map((index) => commitTo(groupName(index), TOPIC)),
  )
}

async function growLog(port: number, from: number, size: number): Promise<void> {
  if (from === 0) await createTopic(port, TOPIC, 1)
  const frame = produceTo(TOPIC, [0], BATCH)
  await sendAll(
    port,
    range(from, size).map(() => frame),
  )
  await awaitEndOffset(port, TOPIC, 0, size)
}

/** Places of a log that lie apart, so that no read ends where the next begins. */
const spread = (size: number): number[] => range(0, 500).map((index) => (index * 7919) % size)

export const CURVES: readonly Curve[] = [
  {
    name: 'produce over n connections',
    sizes: UP_TO_THOUSAND,
    unit: 'request',
    async grow(port, from, size) {
      if (from === 0) await createTopic(port, TOPIC, 1)
      return drive([produceTo(TOPIC, [0], BATCH)], { connections: size, inFlight: size })
    },
  },
  {
    name: 'produce over one of n connections',
    sizes: UP_TO_THOUSAND,
    unit: 'request',
    async grow(port, from, size) {
      if (from === 0) await createTopic(port, TOPIC, 1)
      return drive([produceTo(TOPIC, [0], BATCH)], { connections: size, inFlight: 1 })
    },
  },
  {
    name: 'produce to one of n partitions',
    sizes: UP_TO_TEN_THOUSAND,
    unit: 'request',
    async grow(port, _, size) {
      const topic = await growPartitions(port, size)
      return drive(range(0, size).map((index) => produceTo(topic, [index], BATCH)))
    },
  },
  {
    name: 'fetch from one of n partitions',
    sizes: UP_TO_TEN_THOUSAND,
    unit: 'request',
    async grow(port, _, size) {
      const topic = await growPartitions(port, size)
      return drive(range(0, size).map((index) => fetchFrom(topic, [index], 0, 1000)))
    },
  },
  {
    name: 'produce to n partitions at once',
    sizes: UP_TO_TEN_THOUSAND,
    unit: 'partition',
    async grow(port, _, size) {
      const topic = await growPartitions(port, size)
      return { ...wide(produceTo(topic, range(0, size), BATCH), size), inFlight: 1 }
    },
  },
  {
    name: 'fetch the end of n partitions at once',
    sizes: UP_TO_TEN_THOUSAND,
    unit: 'partition',
    async grow(port, _, size) {
      const topic = await growPartitions(port, size)
      return { ...wide(fetchFrom(topic, range(0, size), 1, 1000), size), inFlight: 1 }
    },
  },
  {
    name: 'metadata of one of n topics',
    sizes: UP_TO_TEN_THOUSAND,
    unit: 'request',
    async grow(port, from, size) {
      await growTopics(port, from, size)
      return drive(range(0, size).map((index) => metadataOf([topicName(index)])))
    },
  },
  {
    name: 'metadata of all n topics',
    sizes: UP_TO_TEN_THOUSAND,
    unit: 'topic',
    async grow(port, from, size) {
      await growTopics(port, from, size)
      return { ...wide(metadataOf(null), size), inFlight: 1 }
    },
  },
  {
    name: 'commit of one of n groups',
    sizes: UP_TO_TEN_THOUSAND,
    unit: 'request',
    async grow(port, from, size) {
      await growGroups(port, from, size)
      return drive(range(0, size).map((index) => commitTo(groupName(index), TOPIC)))
    },
  },
  {
    name: 'offsets of one of n groups',
    sizes: UP_TO_TEN_THOUSAND,
    unit: 'request',
    async grow(port, from, size) {
      await growGroups(port, from, size)
      return drive(range(0, size).map((index) => offsetsOf(groupName(index), TOPIC)))
    },
  },
  {
    name: 'list of n groups',
    sizes: UP_TO_TEN_THOUSAND,
    unit: 'group',
    async grow(port, from, size) {
      await growGroups(port, from, size)
      return { ...wide(groupsList(), size), inFlight: 1 }
    },
  },
  {
    name: 'produce to a log of n batches',
    sizes: [10, 100, 1000, 10_000, 100_000],
    unit: 'request',
    async grow(port, from, size) {
      await growLog(port, from, size)
      return drive([produceTo(TOPIC, [0], BATCH)])
    },
  },
  {
    name: 'fetch from within a log of n batches',
    sizes: [10, 100, 1000, 10_000, 100_000],
    unit: 'request',
    async grow(port, from, size) {
      await growLog(port, from, size)
      return drive(spread(size).map((at) => fetchFrom(TOPIC, [0], at, 1000)))
    },
  },
]
