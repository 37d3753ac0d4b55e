import { SeededPrng } from '@odradek/core'
import { encodeFrame, FrameSizeError, FrameSplitter } from './frame.ts'

const mebibyte = 1024 * 1024

function frameOf(body: Uint8Array): Buffer {
  const { chunks, length } = encodeFrame((writer) => writer.raw(body))
  return Buffer.concat(chunks, length)
}

/** Bytes of which any piece tells where it was cut from. */
function pattern(size: number): Buffer {
  const body = Buffer.alloc(size)
  for (let position = 0; position < size; position++) body[position] = (position * 31) ^ (position >> 8)
  return body
}

function collect(splitter: FrameSplitter, pieces: Iterable<Uint8Array>): Buffer[] {
  const frames: Buffer[] = []
  for (const piece of pieces) splitter.push(piece, (frame) => frames.push(Buffer.from(frame)))
  return frames
}

test('frames come out whole however the stream is cut', () => {
  const prng = new SeededPrng(7)
  const bodies = [1, 2, 3, 4, 5, 100, 5000, 900, 3 * mebibyte, 1, mebibyte].map(pattern)
  const stream = Buffer.concat(bodies.map(frameOf))
  for (const pieceMax of [1, 3, 5, 4096, 100_000, stream.length]) {
    const cut = pieceMax <= 5 ? stream.subarray(0, 6100) : stream
    const pieces: Buffer[] = []
    for (let position = 0; position < cut.length; ) {
      const size = 1 + prng.below(pieceMax)
      pieces.push(cut.subarray(position, position + size))
      position += size
    }
    const frames = collect(new FrameSplitter(8 * mebibyte), pieces)
    expect(frames.every((frame, index) => frame.equals(bodies[index]!))).toBe(true)
    expect(frames).toHaveLength(cut === stream ? bodies.length : 8)
  }
})

test('the rest of a large frame is read straight into its place', () => {
  const body = pattern(5 * mebibyte)
  const stream = frameOf(body)
  const splitter = new FrameSplitter(8 * mebibyte)
  const frames: Uint8Array[] = []
  expect(splitter.destination()).toBeNull()
  splitter.push(stream.subarray(0, 1000), (frame) => frames.push(frame))
  let position = 1000
  for (let room = splitter.destination(); room !== null; room = splitter.destination()) {
    const count = Math.min(room.length, 70_000)
    stream.copy(room, 0, position, position + count)
    position += count
    splitter.filled(count, (frame) => frames.push(frame))
  }
  expect(position).toBe(stream.length)
  expect(frames).toHaveLength(1)
  expect(body.equals(frames[0]!)).toBe(true)
  expect(splitter.bufferedBytes).toBe(0)
})

test('a peer that only announces a large frame costs little', () => {
  const splitter = new FrameSplitter(100 * mebibyte)
  collect(splitter, [Buffer.from('06400000 00'.replace(' ', ''), 'hex')])
  expect(splitter.bufferedBytes).toBe(mebibyte)
})

describe('a size that cannot be served', () => {
  const limit = 1000
  test.each([
    ['negative', 'ffffffff', -1],
    ['zero', '00000000', 0],
    ['one past the limit', '000003e9', 1001],
  ])('%s', (_what, hex, size) => {
    for (const pieces of [[Buffer.from(hex, 'hex')], [...Buffer.from(hex, 'hex')].map((byte) => Buffer.from([byte]))]) {
      expect(() => collect(new FrameSplitter(limit), pieces)).toThrow(
        expect.objectContaining({ name: 'FrameSizeError', size }),
      )
    }
  })

  test('the limit itself is served', () => {
    expect(collect(new FrameSplitter(limit), [frameOf(Buffer.alloc(limit))])).toHaveLength(1)
  })

  test('other protocols are named', () => {
    expect(() => collect(new FrameSplitter(limit), [Buffer.from('GET / HTTP/1.1\r\n')])).toThrow('HTTP')
    expect(() => collect(new FrameSplitter(limit), [Buffer.from('16030100f8010000', 'hex')])).toThrow('TLS')
  })

  test('frames before it are still handed out', () => {
    const frames: Uint8Array[] = []
    const stream = Buffer.concat([frameOf(Buffer.from('ab')), Buffer.from('ffffffff', 'hex')])
    expect(() => new FrameSplitter(limit).push(stream, (frame) => frames.push(frame))).toThrow(FrameSizeError)
    expect(frames).toHaveLength(1)
  })
})
