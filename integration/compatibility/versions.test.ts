import { createRequire } from 'node:module'
import { ApiVersions, apiByKey, CreateTopics, FindCoordinator, Metadata } from '@odradek/protocol'
import { startBroker, type TestBroker } from '@odradek/testing'
import { WireClient } from '../harness/wire-client.ts'

interface Range {
  readonly minVersion: number
  readonly maxVersion: number
}

let broker: TestBroker
let client: WireClient
let ranges: ReadonlyMap<number, Range>

beforeAll(async () => {
  broker = await startBroker()
  client = await WireClient.open(Number(broker.bootstrap[0]?.split(':').at(-1)))
  const { apiKeys } = await client.call(ApiVersions, 4, { clientSoftwareName: 'test', clientSoftwareVersion: '1' })
  ranges = new Map(apiKeys.map(({ apiKey, ...range }) => [apiKey, range]))
})

afterAll(async () => {
  client.close()
  await broker.stop()
})

function rangeOf(key: number): Range {
  const range = ranges.get(key)
  if (range === undefined) throw new Error(`key ${key} is not listed`)
  return range
}

test('compatibility 1: Produce is listed from 0 on, or an older librdkafka sends without compression', () => {
  expect(rangeOf(0).minVersion).toBe(0)
})

function isVersions(value: unknown): value is Record<string, { readonly versions: readonly string[] }> {
  return typeof value === 'object' && value !== null
}

function numbered(value: unknown): value is Record<string, number> {
  return typeof value === 'object' && value !== null
}

test('compatibility 7: kafkajs, which does not look at the lowest version, never picks one below it', () => {
  const require = createRequire(import.meta.url)
  const { requests }: { requests: unknown } = require('kafkajs/src/protocol/requests')
  const keys: unknown = require('kafkajs/src/protocol/requests/apiKeys')
  if (!isVersions(requests) || !numbered(keys)) throw new Error('another kafkajs than 2.2.4')
  const listed = Object.entries(requests).filter(([name, { versions }]) => {
    return versions.length > 0 && ranges.has(keys[name] ?? -1)
  })
  expect(listed.length).toBeGreaterThan(30)
  const picks = listed.map(([name, { versions }]) => {
    const { minVersion, maxVersion } = rangeOf(keys[name] ?? -1)
    const picked = Math.min(
      maxVersion,
      ...versions
        .map(Number)
        .sort((a, b) => b - a)
        .slice(0, 1),
    )
    return { name, picked, isServed: picked >= minVersion && versions.includes(String(picked)) }
  })
  expect(picks.filter(({ isServed }) => !isServed)).toEqual([])
})

/** Key and version of the requests from which kafka-python up to 2.0 infers how old a broker is. */
const PROBES: readonly (readonly [key: number, version: number])[] = [
  [3, 2],
  [3, 4],
  [3, 5],
  [9, 2],
  [1, 7],
  [1, 8],
  [1, 10],
  [1, 11],
  [2, 5],
  [0, 8],
  [29, 2],
]

test('compatibility 8: the versions by which kafka-python 2.0 tells a broker of 2.5 or newer are served', () => {
  const missing = PROBES.filter(([key, version]) => {
    const range = ranges.get(key)
    return range === undefined || version < range.minVersion || version > range.maxVersion
  })
  expect(missing).toEqual([])
})

test('compatibility 9: every listed version has a codec', () => {
  for (const [key, { minVersion, maxVersion }] of ranges) {
    const versions = apiByKey(key)?.versions
    expect({
      key,
      isCovered: versions !== undefined && versions.min <= minVersion && maxVersion <= versions.max,
    }).toEqual({
      key,
      isCovered: true,
    })
  }
})

/** The first version of each API that names topics by id. */
const BY_ID: readonly (readonly [name: string, key: number, version: number])[] = [
  ['Metadata', 3, 10],
  ['Fetch', 1, 13],
  ['Produce', 0, 13],
  ['OffsetCommit', 8, 10],
  ['OffsetFetch', 9, 10],
]

test('compatibility 10: the versions with topic ids are there together', async () => {
  expect(BY_ID.filter(([, key, version]) => rangeOf(key).maxVersion < version)).toEqual([])
  const topics = [{ name: 'by-id', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }]
  const created = await client.call(CreateTopics, 7, { topics, timeoutMs: 10_000 })
  for (let version = 10; version <= rangeOf(3).maxVersion; version++) {
    const asked = { topics: [{ name: 'by-id' }], allowAutoTopicCreation: false }
    const answer = await client.call(Metadata, version, asked)
    expect(answer.topics[0]?.topicId).toBe(created.topics[0]?.topicId)
  }
  expect(created.topics[0]?.topicId).not.toBe('AAAAAAAAAAAAAAAAAAAAAA')
})

test('compatibility 12: FindCoordinator is served alone and for several keys at once', async () => {
  for (let version = 0; version <= 3; version++) {
    expect(await client.call(FindCoordinator, version, { key: 'g' })).toMatchObject({ errorCode: 0, nodeId: 1 })
  }
  for (let version = 4; version <= rangeOf(10).maxVersion; version++) {
    const { coordinators } = await client.call(FindCoordinator, version, { coordinatorKeys: ['g', 'h', 'i'] })
    expect(coordinators.map(({ key, errorCode }) => [key, errorCode])).toEqual([
      ['g', 0],
      ['h', 0],
      ['i', 0],
    ])
  }
})
