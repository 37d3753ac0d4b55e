import { SeededPrng } from '@odradek/core'
import { requirePackage } from '../lazily.ts'
import { RecordsError } from '../records-error.ts'
import type { Codec } from './codec.ts'
import { codecFor, compressionTypeOf } from './codecs.ts'

const TYPES = ['gzip', 'snappy', 'lz4', 'zstd'] as const
const prng = new SeededPrng(7)
/** Half of it repeats, so that blocks of every kind come up. */
const half = Buffer.from(prng.bytes(150_000))
const data = Buffer.concat([half, Buffer.alloc(150_000, half.subarray(0, 5000))])

function errorOf(work: () => unknown): string {
  try {
    work()
    return 'none'
  } catch (thrown) {
    return thrown instanceof RecordsError ? thrown.error : String(thrown)
  }
}

const tooLarge = (codec: Codec, packed: Uint8Array, limitBytes: number) => {
  expect(errorOf(() => codec.decompress(packed, limitBytes))).toBe('INVALID_RECORD')
}

describe.each([...TYPES.map((type) => [type, 2] as const), ['lz4', 0] as const])('%s in format %i', (type, magic) => {
  const codec = codecFor(type, magic)

  test.each([0, 1, 2, 100, 32_767, 32_768, 32_769, 65_535, 65_536, 65_537, 131_072, 300_000])(
    '%i bytes come back',
    (length) => {
      const plain = data.subarray(data.length - length)
      const packed = codec.compress(plain)
      expect(Buffer.compare(codec.decompress(packed, length), plain)).toBe(0)
      if (length > 0) tooLarge(codec, packed, length - 1)
    },
  )

  test('every strict prefix is an error or less than the whole, never the whole', () => {
    const plain = data.subarray(149_600, 150_400)
    const packed = codec.compress(plain)
    for (let length = 0; length < packed.length; length++) {
      try {
        expect(codec.decompress(packed.subarray(0, length), 100_000).length).toBeLessThan(plain.length)
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(RecordsError)
      }
    }
  })
})

describe('what a bomb of a few kilobytes would unpack to is not taken', () => {
  const MEBIBYTE = 1024 * 1024
  const lz4: { compressSync(bytes: Buffer): Buffer } = requirePackage('lz4-napi')
  const word = (value: number) => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32LE(value)
    return bytes
  }

  function lz4Bomb(): Buffer {
    const block = lz4.compressSync(Buffer.alloc(4 * MEBIBYTE)).subarray(4)
    const frame = Buffer.from('04224d18607073', 'hex')
    return Buffer.concat([frame, ...Array.from({ length: 256 }, () => [word(block.length), block]).flat(), word(0)])
  }

  /** Blocks that say "this byte 131,072 times" in four bytes. */
  function zstdBomb(): Buffer {
    const block = Buffer.from([0x02, 0x00, 0x10, 0x00])
    const last = Buffer.from([0x03, 0x00, 0x10, 0x00])
    return Buffer.concat([Buffer.from('28b52ffd0058', 'hex'), Buffer.alloc(4 * 8192, block), last])
  }

  const bombs: [string, Codec, Buffer][] = [
    ['gzip 1000:1', codecFor('gzip', 2), Buffer.from(codecFor('gzip', 2).compress(Buffer.alloc(64 * MEBIBYTE)))],
    ['zstd 32,000:1', codecFor('zstd', 2), zstdBomb()],
    ['lz4 255:1', codecFor('lz4', 2), lz4Bomb()],
    ['CVE-2023-34455, snappy that declares 2 GB', codecFor('snappy', 2), Buffer.from('ffffffff0700', 'hex')],
    [
      'snappy blocks in frames that declare 2 GB each',
      codecFor('snappy', 2),
      Buffer.from('82534e4150505900000000010000000100000006ffffffff0700', 'hex'),
    ],
  ]

  test.each(bombs)('%s', (_, codec, bomb) => {
    const before = process.memoryUsage()
    tooLarge(codec, bomb, MEBIBYTE)
    const after = process.memoryUsage()
    expect(after.external - before.external).toBeLessThan(32 * MEBIBYTE)
    expect(after.rss - before.rss).toBeLessThan(128 * MEBIBYTE)
  })

  test('CVE-2023-34455: a snappy block that declares more than its bytes could hold is corrupt, whatever the limit', () => {
    const snappy = codecFor('snappy', 2)
    expect(errorOf(() => snappy.decompress(Buffer.from('ffffffff0700', 'hex'), 2 ** 31 - 1))).toBe(
      'UNKNOWN_SERVER_ERROR',
    )
  })
})

test('gzip: further members are read, what is none is left alone', () => {
  const gzip = codecFor('gzip', 2)
  const member = Buffer.from(gzip.compress(Buffer.from('abc')))
  const text = (...parts: Buffer[]) => Buffer.from(gzip.decompress(Buffer.concat(parts), 100)).toString()
  expect(text(member, member)).toBe('abcabc')
  expect(text(member, Buffer.from('junk'))).toBe('abc')
  expect(text(member, Buffer.alloc(50))).toBe('abc')
  tooLarge(gzip, Buffer.concat([member, member]), 5)
  // Each costs a decompressor of its own, so there is an end to it.
  const repeated = (count: number) => Buffer.concat(Array<Buffer>(count).fill(member))
  expect(gzip.decompress(repeated(1000), 10_000)).toHaveLength(3000)
  expect(errorOf(() => gzip.decompress(repeated(1001), 10_000))).toBe('UNKNOWN_SERVER_ERROR')
})

test.each([
  ['extra field', 4, '03006162630'.padEnd(10, '0').slice(0, 10)],
  ['name', 8, '6e616d6500'],
  ['comment', 16, '6300'],
])('gzip: a header with %s is read over', (_, flag, hex) => {
  const gzip = codecFor('gzip', 2)
  const plain = Buffer.from(gzip.compress(Buffer.from('abc')))
  const header = Buffer.from(plain.subarray(0, 10))
  header[3] = flag
  const packed = Buffer.concat([header, Buffer.from(hex, 'hex'), plain.subarray(10)])
  expect(Buffer.from(gzip.decompress(packed, 3)).toString()).toBe('abc')
})

test('gzip: a false checksum or length is found', () => {
  const gzip = codecFor('gzip', 2)
  const packed = Buffer.from(gzip.compress(Buffer.from('abc')))
  for (const at of [packed.length - 8, packed.length - 4]) {
    const broken = Buffer.from(packed)
    broken[at]! ^= 1
    expect(errorOf(() => gzip.decompress(broken, 100))).toBe('UNKNOWN_SERVER_ERROR')
  }
})

test('snappy: a raw block is read, also one whose length begins like the magic of a frame', () => {
  const snappy = codecFor('snappy', 2)
  const raw: { compressSync(bytes: Buffer): Buffer } = requirePackage('snappy')
  const block = raw.compressSync(data.subarray(0, 10_626))
  expect(block.subarray(0, 2).toString('hex')).toBe('8253')
  expect(Buffer.compare(snappy.decompress(block, 10_626), data.subarray(0, 10_626))).toBe(0)
  tooLarge(snappy, block, 10_625)
})

test('lz4: frames of another writer, with checksums and without', () => {
  const lz4 = codecFor('lz4', 2)
  const frames: { compressFrameSync(bytes: Buffer, options: object): Buffer } = requirePackage('lz4-napi')
  for (const blockChecksums of [false, true]) {
    for (const contentChecksum of [false, true]) {
      const frame = frames.compressFrameSync(data, { blockChecksums, contentChecksum })
      expect(Buffer.compare(lz4.decompress(frame, data.length), data)).toBe(0)
      if (!blockChecksums) continue
      const broken = Buffer.from(frame)
      broken[5000]! ^= 1
      expect(errorOf(() => lz4.decompress(broken, data.length))).toBe('UNKNOWN_SERVER_ERROR')
    }
  }
})

test('lz4: as the Java client writes it, and with the header checksum of format 0', () => {
  const plain = Buffer.from('a')
  expect(Buffer.from(codecFor('lz4', 2).compress(plain)).toString('hex')).toBe('04224d1860408201000080' + '6100000000')
  expect(Buffer.from(codecFor('lz4', 0).compress(plain)).toString('hex')).toBe('04224d1860401a01000080' + '6100000000')
  const ofFormat0 = codecFor('lz4', 0).compress(plain)
  expect(errorOf(() => codecFor('lz4', 1).decompress(ofFormat0, 10))).toBe('UNKNOWN_SERVER_ERROR')
})

test.each([
  ['linked blocks', 0x40, 0x40],
  ['another version', 0x20, 0x40],
  ['a dictionary', 0x61, 0x40],
  ['a block size that is none', 0x60, 0x30],
  ['reserved bits', 0x60, 0x41],
])('lz4: %s are refused, as Kafka does', (_, flg, bd) => {
  const frame = Buffer.from(codecFor('lz4', 0).compress(Buffer.from('a')))
  frame[4] = flg
  frame[5] = bd
  expect(errorOf(() => codecFor('lz4', 0).decompress(frame, 10))).toBe('UNKNOWN_SERVER_ERROR')
})

test('codecs 5 to 7 are none', () => {
  expect(compressionTypeOf(4)).toBe('zstd')
  for (const id of [5, 6, 7] as const) expect(errorOf(() => compressionTypeOf(id))).toBe('UNKNOWN_SERVER_ERROR')
})
