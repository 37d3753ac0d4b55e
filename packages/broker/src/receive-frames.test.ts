import { SeededPrng } from '@odradek/core'
import { ALONE_FRAME_BYTES_MIN, FRONT_BYTES, SHARED_RECEIVE_BYTES } from './limits.ts'
import { FrameReceiver, type FrameSink } from './receive-frames.ts'
import { ReceivePool } from './receive-pool.ts'

const FRAME_BYTES_MAX = 10_000_000

class Recorder implements FrameSink {
  isShortOfRoom = false
  readonly frames: string[] = []
  readonly badSizes: number[] = []
  heldBytes = 0
  begun = 0
  refusing = false
  onFrame: (() => void) | null = null

  frame(buffer: Buffer, start: number, end: number): boolean {
    if (this.refusing) return false
    this.frames.push(buffer.toString('latin1', start, end))
    this.onFrame?.()
    return true
  }

  badFrame(size: number): void {
    this.badSizes.push(size)
  }

  held(bytes: number): void {
    this.heldBytes += bytes
    if (this.heldBytes < 0) throw new Error('more was given back than held')
  }

  frameBegun(): void {
    this.begun += 1
  }

  frameEnded(): void {
    this.begun -= 1
  }
}

function setup() {
  const sink = new Recorder()
  const memory = { shared: Buffer.alloc(SHARED_RECEIVE_BYTES), pool: new ReceivePool() }
  return { sink, memory, receiver: new FrameReceiver(sink, memory, FRAME_BYTES_MAX) }
}

function framed(text: string): Buffer {
  const frame = Buffer.alloc(4 + text.length)
  frame.writeInt32BE(text.length)
  frame.write(text, 4, 'latin1')
  return frame
}

/** Hands `bytes` over as reads would, never more than `most` at once; the shared buffer is spoilt after each. */
function read(receiver: FrameReceiver, shared: Buffer, bytes: Buffer, most: () => number): void {
  for (let position = 0; position < bytes.length; ) {
    const target = receiver.target()
    const count = Math.min(target.length, most(), bytes.length - position)
    bytes.copy(target, 0, position, position + count)
    receiver.received(target, count)
    if (target === shared) shared.fill(0xee, 0, count)
    position += count
  }
}

const texts = ['a', 'bc', 'x'.repeat(3000), 'defg', 'y'.repeat(200_000), 'h', 'z'.repeat(2_500_000), 'i']

test('two frames cut at every byte come out whole', () => {
  const bytes = Buffer.concat([framed('hello'), framed('you')])
  for (let cut = 1; cut < bytes.length; cut++) {
    const { sink, memory, receiver } = setup()
    for (const part of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
      read(receiver, memory.shared, part, () => part.length)
    }
    expect(sink.frames).toEqual(['hello', 'you'])
    expect(sink).toMatchObject({ heldBytes: 0, begun: 0 })
  }
})

test('frames of all sizes come out whole from reads of any size', () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
  const prng = new SeededPrng(seed)
  const bytes = Buffer.concat(texts.map(framed))
  for (let round = 0; round < 12; round++) {
    const { sink, memory, receiver } = setup()
    const most = [1000, 70_000, 3_000_000][round % 3] ?? 1000
    read(receiver, memory.shared, bytes, () => 1 + prng.below(most))
    if (!sameTexts(sink.frames)) throw new Error(`seed ${seed}, round ${round}`)
    expect(sink).toMatchObject({ heldBytes: 0, begun: 0 })
  }
})

function sameTexts(frames: readonly string[]): boolean {
  return frames.length === texts.length && frames.every((frame, index) => frame === texts[index])
}

test('chunks of a socket of its own come out whole too', () => {
  const { sink, receiver } = setup()
  receiver.receivedChunk(Buffer.concat(texts.map(framed)))
  expect(sameTexts(sink.frames)).toBe(true)
})

test('the rest of a large frame is read straight into its own buffer', () => {
  const { memory, receiver } = setup()
  read(receiver, memory.shared, framed('x'.repeat(100_000)).subarray(0, 50), () => 50)
  expect(receiver.target()).toHaveLength(100_004 - 50)
})

test('a frame that announces much gets memory only as its bytes come', () => {
  const { sink, memory, receiver } = setup()
  const header = Buffer.alloc(5)
  header.writeInt32BE(FRAME_BYTES_MAX)
  read(receiver, memory.shared, header, () => 5)
  expect(receiver.target().length).toBeLessThanOrEqual(2 * 1024 * 1024)
  expect(sink.heldBytes).toBe(5)
})

test('a refused frame and what is behind it wait until resume', () => {
  const { sink, memory, receiver } = setup()
  sink.onFrame = () => {
    sink.refusing = true
  }
  read(receiver, memory.shared, Buffer.concat(['a', 'b', 'c', 'd'].map(framed)), () => 1000)
  expect(sink.frames).toEqual(['a'])
  expect(receiver.blocked).toBe(true)
  expect(sink.heldBytes).toBe(15)
  sink.refusing = false
  expect(receiver.resume()).toBe(false)
  expect(sink.frames).toEqual(['a', 'b'])
  sink.refusing = false
  sink.onFrame = null
  expect(receiver.resume()).toBe(true)
  expect(sink.frames).toEqual(['a', 'b', 'c', 'd'])
  expect(sink.heldBytes).toBe(0)
})

test('a large frame that is refused when it is whole waits, with the next one half read', () => {
  const { sink, memory, receiver } = setup()
  sink.refusing = true
  const bytes = Buffer.concat([framed('x'.repeat(30_000)), framed('yyyy')])
  read(receiver, memory.shared, bytes.subarray(0, 25_000), () => 25_000)
  read(receiver, memory.shared, bytes.subarray(25_000, 30_006), () => 10_000)
  expect(receiver.blocked).toBe(true)
  expect(sink.begun).toBe(0)
  sink.refusing = false
  expect(receiver.resume()).toBe(true)
  read(receiver, memory.shared, bytes.subarray(30_006), () => 100)
  expect(sink.frames).toEqual(['x'.repeat(30_000), 'yyyy'])
  expect(sink.heldBytes).toBe(0)
})

test.each([0, -1, -2_147_483_648, 2_147_483_647, FRAME_BYTES_MAX + 1, 0x47455420, 0x16030100])(
  'a size of %i ends it, whether it comes whole or in pieces',
  (size) => {
    const header = Buffer.alloc(8)
    header.writeInt32BE(size)
    for (const most of [1, 8]) {
      const { sink, memory, receiver } = setup()
      read(receiver, memory.shared, Buffer.concat([framed('a'), header]), () => most)
      expect(sink).toMatchObject({ frames: ['a'], badSizes: [size], heldBytes: 0, begun: 0 })
    }
  },
)

test('the largest allowed size is taken', () => {
  const { sink, memory, receiver } = setup()
  read(receiver, memory.shared, framed('x'.repeat(FRAME_BYTES_MAX)), () => 1_000_000)
  expect(sink.frames[0]).toHaveLength(FRAME_BYTES_MAX)
})

test('closing gives everything back, also from within a frame', () => {
  const { sink, memory, receiver } = setup()
  sink.onFrame = () => {
    sink.refusing = true
  }
  read(receiver, memory.shared, Buffer.concat([framed('a'), framed('b')]), () => 100)
  receiver.close()
  expect(sink.heldBytes).toBe(0)

  const other = setup()
  other.sink.onFrame = () => other.receiver.close()
  read(other.receiver, other.memory.shared, Buffer.concat([framed('a'), framed('b')]), () => 100)
  expect(other.sink).toMatchObject({ frames: ['a'], heldBytes: 0, begun: 0 })
})

describe('after a large frame the next read takes a frame by itself', () => {
  const large = 'l'.repeat(100_000)
  const alone = framed(large).length

  function afterFrame(text: string) {
    const { sink, memory, receiver } = setup()
    read(receiver, memory.shared, framed(text), () => SHARED_RECEIVE_BYTES)
    return { sink, memory, receiver }
  }

  test('which comes whole in the shared buffer, and no byte of the one behind it', () => {
    const { sink, memory, receiver } = afterFrame(large)
    const bytes = Buffer.concat([framed(large), framed(large), framed('small')])
    const target = receiver.target()
    expect([target.buffer === memory.shared.buffer, target.length]).toEqual([true, alone])
    read(receiver, memory.shared, bytes, () => SHARED_RECEIVE_BYTES)
    expect(sink.frames).toEqual([large, large, large, 'small'])
    expect(sink.heldBytes).toBe(0)
    expect(receiver.target()).toHaveLength(SHARED_RECEIVE_BYTES)
  })

  test.each([
    ['just below the least', ALONE_FRAME_BYTES_MIN - 1, SHARED_RECEIVE_BYTES],
    ['the least', ALONE_FRAME_BYTES_MIN, ALONE_FRAME_BYTES_MIN],
    ['the whole shared buffer', SHARED_RECEIVE_BYTES, SHARED_RECEIVE_BYTES],
    ['one more than the shared buffer', SHARED_RECEIVE_BYTES + 1, FRONT_BYTES],
  ])('%s', (_what, frameBytes, readBytes) => {
    const { receiver } = afterFrame('x'.repeat(frameBytes - 4))
    expect(receiver.target()).toHaveLength(readBytes)
  })

  test('a next one of another size comes whole all the same', () => {
    for (const size of [10, 60_000, 150_000, 300_000, 2_000_000]) {
      const { sink, memory, receiver } = afterFrame(large)
      const other = 'o'.repeat(size)
      read(receiver, memory.shared, Buffer.concat([framed(other), framed('end')]), () => SHARED_RECEIVE_BYTES)
      expect(sink.frames.map((frame) => frame.length)).toEqual([large.length, size, 3])
      expect(sink.heldBytes).toBe(0)
    }
  })
})
