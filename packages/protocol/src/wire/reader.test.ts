import { arrayElementsMax, messageElementsMax, stringBytesMax, taggedFieldsMax } from './limits.ts'
import { ProtocolError } from './protocol-error.ts'
import { Reader } from './reader.ts'
import type { Tagged } from './tagged.ts'
import { Writer } from './writer.ts'

function reader(hex: string): Reader {
  return new Reader(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
}

function written(write: (writer: Writer) => void): string {
  const writer = new Writer()
  write(writer)
  return Buffer.from(writer.toBytes()).toString('hex')
}

describe('every primitive has the bytes that Kafka gives it', () => {
  test.each([
    [0, '00'],
    [1, '01'],
    [127, '7f'],
    [128, '8001'],
    [300, 'ac02'],
    [16383, 'ff7f'],
    [16384, '808001'],
    [2097151, 'ffff7f'],
    [2097152, '80808001'],
    [268435455, 'ffffff7f'],
    [268435456, '8080808001'],
    [2147483647, 'ffffffff07'],
    [4294967295, 'ffffffff0f'],
  ])('unsigned varint %d', (value, hex) => {
    expect(reader(hex).unsignedVarint()).toBe(value)
    expect(written((writer) => writer.unsignedVarint(value))).toBe(hex)
  })

  test.each([
    ['topic-a', false, '0007746f7069632d61'],
    ['topic-a', true, '08746f7069632d61'],
    ['é', false, '0002c3a9'],
    ['é', true, '03c3a9'],
    ['', false, '0000'],
    ['', true, '01'],
    [null, false, 'ffff'],
    [null, true, '00'],
  ])('string %j, flexible %j', (value, flexible, hex) => {
    expect(reader(hex).nullableString(flexible)).toBe(value)
    expect(written((writer) => writer.nullableString(value, flexible))).toBe(hex)
  })

  test('numbers of fixed size, at their ends', () => {
    expect(reader('80').int8()).toBe(-128)
    expect(reader('ffff').int16()).toBe(-1)
    expect(reader('ffff').uint16()).toBe(65535)
    expect(reader('80000000').int32()).toBe(-2147483648)
    expect(reader('fffffffe').uint32()).toBe(4294967294)
    expect(reader('0000018bcfe56800').int64()).toBe(1700000000000n)
    expect(reader('bfb999999999999a').float64()).toBe(-0.1)
    expect(reader('02').bool()).toBe(true)
    expect(reader('2f6a1d3c5b7e4f8091a2b3c4d5e6f708').uuid()).toBe('L2odPFt-T4CRorPE1eb3CA')
    expect(reader('00'.repeat(16)).uuid()).toBe('AAAAAAAAAAAAAAAAAAAAAA')
  })
})

describe('what cannot be true is refused', () => {
  test.each<[string, string, (from: Reader) => unknown]>([
    ['an int64 that is cut short', '00000000000000', (from) => from.int64()],
    ['a varint that never ends', 'ffffffffffff', (from) => from.unsignedVarint()],
    ['a varint of which the fifth byte goes on', '8080808080', (from) => from.unsignedVarint()],
    ['a varint that is cut short', '80', (from) => from.unsignedVarint()],
    ['a null string', 'ffff', (from) => from.string(false)],
    ['a null compact string', '00', (from) => from.string(true)],
    ['a string longer than the rest', '000561', (from) => from.string(false)],
    ['null bytes', 'ffffffff', (from) => from.byteArray(false)],
    ['bytes longer than the rest', '7fffffff00', (from) => from.byteArray(false)],
    ['compact bytes longer than the rest', 'ffffffff0700', (from) => from.byteArray(true)],
    ['a null array', 'ffffffff', (from) => from.arrayLength(false)],
    ['an array of more elements than bytes', '7fffffff00000000', (from) => from.arrayLength(false)],
    ['a compact array of more elements than bytes', 'ffffffff0700', (from) => from.arrayLength(true)],
    ['a tagged field longer than the rest', '01 05 7f 00', (from) => from.tags({})],
    ['tagged fields that are cut short', '02 05 00', (from) => from.tags({})],
  ])('%s', (_what, hex, read) => {
    expect(() => read(reader(hex))).toThrow(ProtocolError)
  })

  test('the error says what was read, what is missing and where', () => {
    const from = reader('00000001 0005 6162')
    from.int32()
    expect(() => from.string(false)).toThrow('cut short: string needs 5 bytes, 2 remain (at byte 6)')
  })

  test('a read stops at the end it was given, not at the end of the memory', () => {
    const from = new Reader(Buffer.from('000102030405060708', 'hex'), 1, 4)
    expect(() => from.int32()).toThrow(ProtocolError)
    expect(from.int16()).toBe(0x0102)
    expect(from.remaining).toBe(1)
  })
})

describe('limits, at the limit and one past it', () => {
  test.each([false, true])('string bytes, flexible %j', (flexible) => {
    const text = (length: number) =>
      written((writer) => {
        if (flexible) writer.unsignedVarint(length + 1)
        else writer.uint16(length)
        writer.raw(Buffer.alloc(length, 0x61))
      })
    expect(reader(text(stringBytesMax)).string(flexible)).toHaveLength(stringBytesMax)
    expect(() => reader(text(stringBytesMax + 1)).string(flexible)).toThrow(ProtocolError)
  })

  test.each([false, true])('array elements, flexible %j', (flexible) => {
    const array = (length: number) => {
      const writer = new Writer()
      writer.arrayLength(length, flexible)
      writer.raw(Buffer.alloc(length))
      return new Reader(writer.toBytes())
    }
    expect(array(arrayElementsMax).array(flexible, (from) => from.int8())).toHaveLength(arrayElementsMax)
    expect(() => array(arrayElementsMax + 1).arrayLength(flexible)).toThrow('over the limit of 1000000')
  })

  test('tagged fields', () => {
    const section = (count: number) => {
      const writer = new Writer()
      writer.unsignedVarint(count)
      writer.raw(Buffer.alloc(2 * count))
      return new Reader(writer.toBytes())
    }
    const target: Tagged = {}
    section(taggedFieldsMax).tags(target)
    expect(target.unknownTags).toHaveLength(taggedFieldsMax)
    expect(() => section(taggedFieldsMax + 1).tags({})).toThrow('over the limit of 10000')
  })

  test('elements of one message together, for requests odradek.max.request.elements', () => {
    const from = new Reader(Buffer.alloc(3 * arrayElementsMax))
    const take = (count: number) => {
      const writer = new Writer()
      writer.int32(count)
      from.bytes.set(writer.toBytes(), from.position)
      return from.nullableArrayLength(false)
    }
    for (let total = 0; total < messageElementsMax; total += arrayElementsMax) take(arrayElementsMax)
    expect(() => take(1)).toThrow('more than 2000000 elements')
  })
})

describe('as Kafka reads it, strange though it is', () => {
  test('a length below -1 is null', () => {
    expect(reader('8000').nullableString(false)).toBeNull()
    expect(reader('fffffffe').nullableByteArray(false)).toBeNull()
    expect(reader('80000001').nullableArrayLength(false)).toBe(-1)
  })

  test('a compact length with the top bit set is null', () => {
    expect(reader('ffffffff0f').nullableString(true)).toBeNull()
    expect(() => reader('8080808008').nullableString(true)).toThrow(ProtocolError)
  })

  test('unknown tags may stand in any order and twice', () => {
    const target: Tagged = {}
    reader('03 8001 01aa 05 00 05 01bb').tags(target)
    expect(target.unknownTags).toEqual([
      { tag: 128, bytes: Buffer.from('aa', 'hex') },
      { tag: 5, bytes: Buffer.alloc(0) },
      { tag: 5, bytes: Buffer.from('bb', 'hex') },
    ])
  })
})

test('byte fields are views of what was received', () => {
  const bytes = Buffer.from('00000003010203', 'hex')
  const field = new Reader(bytes).byteArray(false)
  bytes[4] = 9
  expect(field[0]).toBe(9)
})

test('bytes that are no Buffer, and begin inside their memory, are read the same', () => {
  const memory = new Uint8Array([9, 9, 0, 3, 0x61, 0x62, 0x63, 0, 7])
  const from = new Reader(memory.subarray(2))
  expect(from.string(false)).toBe('abc')
  expect(from.int16()).toBe(7)
})
