import { AssertionError } from '@odradek/core'
import { stringBytesMax } from './limits.ts'
import { MessageSizeError } from './protocol-error.ts'
import { Reader } from './reader.ts'
import type { Tagged } from './tagged.ts'
import { elementsPerTurn } from './turns.ts'
import { Writer } from './writer.ts'

function hex(chunks: readonly Uint8Array[]): string {
  return Buffer.concat(chunks).toString('hex')
}

test('large byte fields stand in the result by reference, small ones are gathered', () => {
  const writer = new Writer()
  const large = Buffer.alloc(4096, 7)
  const small = Buffer.from([1, 2, 3])
  writer.int32(5)
  writer.byteArray(small, true)
  writer.byteArray(large, false)
  writer.int8(9)
  expect(writer.length).toBe(4 + 4 + 4 + 4096 + 1)
  const chunks = writer.finish()
  expect(chunks.map((chunk) => chunk.length)).toEqual([12, 4096, 1])
  expect(chunks[1]).toBe(large)
})

test.each([0n, 1n, -1n, 2n ** 31n, -(2n ** 31n), 2n ** 32n + 5n, -(2n ** 32n) - 5n, 2n ** 53n - 1n, -(2n ** 53n) + 1n])(
  'an int64 of %d is the same bytes when it is given as a number',
  (value) => {
    const [ofBigInt, ofNumber] = [new Writer(), new Writer()]
    ofBigInt.int64(value)
    ofNumber.int64(Number(value))
    expect(hex(ofNumber.finish())).toBe(hex(ofBigInt.finish()))
  },
)

test('what a number does not hold exactly is not written as one', () => {
  for (const value of [2 ** 53, 0.5, Number.NaN]) expect(() => new Writer().int64(value)).toThrow(AssertionError)
})

test('two writers at the same time do not disturb each other, nor do those that follow them', () => {
  const first = new Writer()
  first.int32(1)
  const second = new Writer()
  second.int32(2)
  first.int32(3)
  const firstChunks = first.finish()
  second.int32(4)
  const secondChunks = second.finish()
  const third = new Writer()
  third.int32(5)
  const thirdChunks = third.finish()
  expect([hex(firstChunks), hex(secondChunks), hex(thirdChunks)]).toEqual([
    '0000000100000003',
    '0000000200000004',
    '00000005',
  ])
})

test('a message of many slabs is whole', () => {
  const writer = new Writer()
  for (let value = 0; value < 100_000; value++) writer.int32(value)
  const bytes = Buffer.concat(writer.finish())
  expect(bytes).toHaveLength(400_000)
  const values = Array.from({ length: 100_000 }, (_, index) => bytes.readInt32BE(4 * index))
  expect(values.findIndex((value, index) => value !== index)).toBe(-1)
})

test.each([
  ['in one slab', 10],
  ['in many', 1_000_000],
])(
  'a message %s may have as many bytes as it is told, and not one more; those by reference do not count',
  (_, size) => {
    const write = (bytesMax: number) => {
      const writer = new Writer(bytesMax)
      writer.byteArray(Buffer.alloc(4096), false)
      for (let written = 4; written < size; written++) writer.int8(1)
      return writer.finish()
    }
    expect(write(size)[1]?.length).toBe(4096)
    expect(() => write(size - 1)).toThrow(`a message of more than ${size - 1} bytes`)
  },
)

test('bytes by reference make no message that has no size', () => {
  const writer = new Writer()
  const megabyte = Buffer.alloc(2 ** 20)
  for (let index = 1; index < 2048; index++) writer.raw(megabyte)
  expect(() => writer.raw(megabyte)).toThrow(MessageSizeError)
})

test('a turn ends after some elements, or when they were large', () => {
  const writer = new Writer()
  const elements = (text: string) => {
    for (let count = 1; ; count++) {
      writer.string(text, false)
      if (writer.endsTurn()) return count
    }
  }
  expect(elements('a')).toBe(elementsPerTurn)
  expect(elements('a'.repeat(30_000))).toBe(35)
})

describe('tagged fields', () => {
  test.each([
    ['tag 0, int32 5', '0100040000 0005', (writer: Writer) => tagged(writer, [[0, () => writer.int32(5)]])],
    [
      'a nullable string',
      '01 00 03 036331',
      (writer: Writer) => tagged(writer, [[0, () => writer.nullableString('c1', true)]]),
    ],
    [
      'tags 0 (true) and 130 (int16 9)',
      '02 00 01 01 8201 02 0009',
      (writer: Writer) =>
        tagged(writer, [
          [0, () => writer.bool(true)],
          [130, () => writer.int16(9)],
        ]),
    ],
  ])('%s', (_what, expected, write) => {
    const writer = new Writer()
    write(writer)
    expect(hex(writer.finish())).toBe(expected.replaceAll(' ', ''))
  })

  test.each([0, 1, 126, 127, 128, 16_383, 16_384, 70_000, 3_000_000])(
    'a field of %d bytes has its size before it, however far into a slab it begins',
    (size) => {
      for (const before of [0, 1, 60_000, 65_530]) {
        const writer = new Writer()
        for (let index = 0; index < before; index++) writer.int8(1)
        tagged(writer, [[1, () => writer.raw(Buffer.alloc(size, 0xab))]])
        const reader = new Reader(Buffer.concat(writer.finish()), before)
        const target: Tagged = {}
        reader.tags(target)
        expect(reader.remaining).toBe(0)
        expect(target.unknownTags?.map(({ tag, bytes }) => [tag, bytes.length])).toEqual([[1, size]])
        expect(Buffer.alloc(size, 0xab).equals(target.unknownTags![0]!.bytes)).toBe(true)
      }
    },
  )

  test('fields within fields', () => {
    const writer = new Writer()
    const inner = () => tagged(writer, [[2, () => writer.raw(Buffer.alloc(50_000, 2))]])
    tagged(writer, [
      [
        1,
        () =>
          tagged(writer, [
            [1, inner],
            [3, inner],
          ]),
      ],
    ])
    const outer: Tagged = {}
    new Reader(Buffer.concat(writer.finish())).tags(outer)
    const middle: Tagged = {}
    new Reader(outer.unknownTags![0]!.bytes).tags(middle)
    for (const { bytes } of middle.unknownTags!) {
      const innermost: Tagged = {}
      new Reader(bytes).tags(innermost)
      expect(Buffer.alloc(50_000, 2).equals(innermost.unknownTags![0]!.bytes)).toBe(true)
    }
  })

  test('a message may not end inside one', () => {
    const writer = new Writer()
    writer.beginTag(1)
    expect(() => writer.finish()).toThrow(AssertionError)
  })
})

function tagged(writer: Writer, fields: readonly (readonly [number, () => void])[]): void {
  writer.tagCount(fields.length, {})
  for (const [tag, write] of fields) {
    writer.beginTag(tag)
    write()
    writer.endTag()
  }
}

describe('strings', () => {
  test.each(['a', 'é', '\u4e16', '\u{1f600}'])('a sentence of %s is cut only where it would not fit', (letter) => {
    const written = (text: string) => {
      const writer = new Writer()
      writer.nullableSentence(text, false)
      return new Reader(Buffer.concat(writer.finish())).string(false)
    }
    const longest = letter.repeat(Math.floor(stringBytesMax / Buffer.byteLength(letter)))
    expect(written(longest)).toBe(longest)
    const cut = written(longest + letter)
    expect(cut.startsWith(letter.repeat(100)) && cut.endsWith(' …')).toBe(true)
    expect(Buffer.byteLength(cut)).toBeLessThan(stringBytesMax)
  })

  const texts = [
    '',
    'a',
    'x'.repeat(100),
    'x'.repeat(101),
    'é'.repeat(64),
    `${'a'.repeat(99)}é`,
    '\u{1F600}'.repeat(40),
    '\uFEFFb',
    'y'.repeat(32_767),
  ]

  test.each([false, true])('come back as they went in, flexible %j', (flexible) => {
    for (const text of texts) {
      for (const before of [0, 65_000, 65_500]) {
        const writer = new Writer()
        for (let index = 0; index < before; index++) writer.int8(1)
        writer.string(text, flexible)
        const reader = new Reader(Buffer.concat(writer.finish()), before)
        expect(reader.string(flexible)).toBe(text)
        expect(reader.remaining).toBe(0)
      }
    }
  })

  test('are bounded, at the limit and one past it', () => {
    new Writer().string('a'.repeat(stringBytesMax), true)
    expect(() => new Writer().string('a'.repeat(stringBytesMax + 1), true)).toThrow(AssertionError)
    expect(() => new Writer().string('é'.repeat(16_384), false)).toThrow(AssertionError)
  })
})

test('a uuid that is none is our fault', () => {
  expect(() => new Writer().uuid('short')).toThrow(AssertionError)
})
