import { randomUuid, SeededPrng } from '@odradek/core'
import { baseOffsetOfName, directoryName, identityOfDirectory, offsetFileName } from './file-names.ts'

describe('names of files', () => {
  it('are Kafka’s: twenty digits and a suffix', () => {
    expect(offsetFileName(0, '.log')).toBe('00000000000000000000.log')
    expect(offsetFileName(Number.MAX_SAFE_INTEGER, '.index')).toBe('00009007199254740991.index')
    expect(baseOffsetOfName('00000000000000000042.log')).toBe(42)
    for (const name of [
      '42.log',
      '00000000000000000042.index',
      '99999999999999999999.log',
      'x00000000000000000042.log',
    ]) {
      expect(baseOffsetOfName(name)).toBeNull()
    }
  })

  it('of directories differ in more than case, and tell topic id and partition', () => {
    const prng = new SeededPrng(4)
    for (let index = 0; index < 100; index++) {
      const identity = { topicId: randomUuid(prng), partition: prng.below(100_000) }
      const name = directoryName(identity)
      expect(name).toBe(name.toLowerCase())
      expect(identityOfDirectory(name)).toEqual(identity)
    }
    const metadata = { topicId: 'AAAAAAAAAAAAAAAAAAAAAQ', partition: 0 }
    expect(directoryName(metadata)).toBe('__cluster_metadata-0')
    expect(identityOfDirectory('__cluster_metadata-0')).toEqual(metadata)
    for (const name of ['events-0', 'x', '666f6f62617262617a71757871757578-0.0-delete', 'meta.properties']) {
      expect(identityOfDirectory(name)).toBeNull()
    }
  })
})
