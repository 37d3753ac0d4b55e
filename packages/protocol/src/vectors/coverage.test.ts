import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { apis, kafkaVersions } from '../generated/apis.ts'
import { requestHeaderVersion, responseHeaderVersion } from '../header.ts'
import { packedLines, vectorsDirectory } from './packed.ts'
import { VectorLine } from './vector-line.ts'

const seen = new Set(
  packedLines('messages').map((text) => {
    const line = new VectorLine(text)
    return `${line.number('key')} ${line.text('api')} ${line.text('kind')} v${line.number('version')}`
  }),
)

test('every version of every message that has a codec has a vector, and the other way round', () => {
  const known = apis.flatMap(({ key, name, versions }) =>
    ['request', 'response'].flatMap((kind) =>
      Array.from(
        { length: versions.max - versions.min + 1 },
        (_, step) => `${key} ${name} ${kind} v${versions.min + step}`,
      ),
    ),
  )
  expect(known.filter((version) => !seen.has(version))).toEqual([])
  expect(seen.size).toBe(known.length)
})

/** Read from Kafka's own classes. */
interface KafkaApi {
  key: number
  name: string
  '4.4.0': { min: number; max: number; maxStable?: number }
  '3.9.2'?: { min: number; max: number }
  requestHeader2From: number | null
  responseHeader1From: number | null
}

const kafkaApis: KafkaApi[] = JSON.parse(readFileSync(join(vectorsDirectory, 'api-versions.json'), 'utf8'))

test('the keys and versions are those that Kafka 4.4.0 and 3.9.2 have together', () => {
  const together = kafkaApis.map(({ key, name, '4.4.0': newer, '3.9.2': older = newer }) => ({
    key,
    name,
    versions: { min: Math.min(newer.min, older.min), max: Math.max(newer.max, older.max) },
  }))
  expect(apis.map(({ key, name, versions }) => ({ key, name, versions }))).toEqual(together)
})

test('what Kafka 4.4.0 lists is known, without the versions that are not final', () => {
  const listed = kafkaApis.map(({ key, '4.4.0': { min, max, maxStable } }) => ({ key, min, max: maxStable ?? max }))
  expect(kafkaVersions).toEqual(listed)
})

test('every version has the headers that Kafka gives it', () => {
  for (const { key, requestHeader2From, responseHeader1From } of kafkaApis) {
    for (let version = 0; version < 20; version++) {
      const expected = [version >= (requestHeader2From ?? 99) ? 2 : 1, version >= (responseHeader1From ?? 99) ? 1 : 0]
      expect([requestHeaderVersion(key, version), responseHeaderVersion(key, version)]).toEqual(expected)
    }
  }
})
