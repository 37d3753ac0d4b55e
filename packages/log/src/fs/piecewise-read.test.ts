import type { FileHandle } from '@odradek/core'
import { LARGE_READS_MAX, PiecewiseReads, READ_PIECE_BYTES, SMALL_READ_BYTES_MAX } from './piecewise-read.ts'

interface Asked {
  readonly at: number
  readonly length: number
  readonly position: number
  readonly answer: (count: number) => void
}

let asked: Asked[]
let reads: PiecewiseReads
const target = Buffer.alloc(3 * READ_PIECE_BYTES)
const handle = {
  read: (_target: Uint8Array, at: number, length: number, position: number) =>
    new Promise<number>((answer) => asked.push({ at, length, position, answer })),
} as unknown as FileHandle

beforeEach(() => {
  asked = []
  reads = new PiecewiseReads()
})

const settle = () => new Promise((resolve) => setImmediate(resolve))

test('more than a piece is read piece by piece', async () => {
  const read = reads.read(handle, target, 2 * READ_PIECE_BYTES + 1, 7)
  for (let piece = 0; piece < 3; piece++) {
    await settle()
    expect(asked).toHaveLength(piece + 1)
    asked[piece]?.answer(asked[piece]?.length ?? 0)
  }
  expect(await read).toBe(2 * READ_PIECE_BYTES + 1)
  expect(asked.map(({ at, length, position }) => [at, length, position])).toEqual([
    [0, READ_PIECE_BYTES, 7],
    [READ_PIECE_BYTES, READ_PIECE_BYTES, READ_PIECE_BYTES + 7],
    [2 * READ_PIECE_BYTES, 1, 2 * READ_PIECE_BYTES + 7],
  ])
})

test('a file that ends early is not asked for the rest', async () => {
  const read = reads.read(handle, target, 2 * READ_PIECE_BYTES, 0)
  await settle()
  asked[0]?.answer(5)
  expect(await read).toBe(5)
})

test('so many large pieces at a time, whoever asks, in their order; small ones all at once', async () => {
  for (let count = 0; count < LARGE_READS_MAX; count++) void reads.read(handle, target, SMALL_READ_BYTES_MAX + 1, count)
  void reads.read(handle, target, SMALL_READ_BYTES_MAX + 1, 100)
  void reads.read(handle, target, SMALL_READ_BYTES_MAX + 1, 200)
  for (let count = 0; count < 10; count++) void reads.read(handle, target, SMALL_READ_BYTES_MAX, 300)
  await settle()
  const positions = () => asked.map(({ position }) => position).filter((position) => position < 300)
  expect(asked).toHaveLength(LARGE_READS_MAX + 10)
  expect(positions()).toHaveLength(LARGE_READS_MAX)
  asked[0]?.answer(SMALL_READ_BYTES_MAX + 1)
  await settle()
  expect(positions().at(-1)).toBe(100)
  asked[1]?.answer(SMALL_READ_BYTES_MAX + 1)
  await settle()
  expect(positions().slice(-2)).toEqual([100, 200])
})

test('one that fails lets the next in', async () => {
  const failing = { read: () => Promise.reject(new Error('EIO')) } as unknown as FileHandle
  for (let count = 0; count <= LARGE_READS_MAX; count++)
    await expect(reads.read(failing, target, SMALL_READ_BYTES_MAX + 1, 0)).rejects.toThrow('EIO')
  void reads.read(handle, target, SMALL_READ_BYTES_MAX + 1, 0)
  await settle()
  expect(asked).toHaveLength(1)
})
