import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Fetch, Produce, RequestHeader } from '@odradek/protocol'
import { Reader } from '@odradek/protocol/wire'
import { isBatchIntact, readBatchHeader } from '@odradek/records'
import { LOAD_WORKLOADS } from './load-workload.ts'
import { packBatch, packRequests } from './packed-requests.ts'

const directory = mkdtempSync(join(tmpdir(), 'odradek-packed-'))
afterAll(() => rmSync(directory, { recursive: true }))

test.each([200, 1100, 16_384, 100_000, 1_000_000])('a batch of %i bytes is whole and as large as it says', (bytes) => {
  const { bytes: batch, records } = packBatch(bytes, 1000)
  expect(batch.length).toBeLessThanOrEqual(bytes)
  expect(batch.length).toBeGreaterThan(bytes - 1100)
  expect(isBatchIntact(batch, 0, batch.length)).toBe(true)
  expect(readBatchHeader(batch).lastOffsetDelta).toBe(records - 1)
})

test('a batch that is too small for its header is refused', () => {
  expect(() => packBatch(60, 1000)).toThrow('a batch has 68 bytes at least, not 60')
})

function framesOf(path: string): readonly Buffer[] {
  const bytes = readFileSync(path)
  const frames: Buffer[] = []
  for (let at = 0; at < bytes.length; at += bytes.readInt32BE(at) + 4)
    frames.push(bytes.subarray(at + 4, at + 4 + bytes.readInt32BE(at)))
  return frames
}

test('there is a request for each partition, and the offset of a fetch stands where it is said to', () => {
  const workload = LOAD_WORKLOADS.find(({ kind, partitions }) => kind === 'fetch' && partitions === 8)
  if (workload === undefined) throw new Error('no such workload')
  const { options } = packRequests(workload, 'topic', directory)
  const frames = framesOf(String(options['frames']))
  expect(frames).toHaveLength(8)
  for (const [index, frame] of frames.entries()) {
    frame.writeBigInt64BE(77n, Number(options['fetchOffsetAt']) - 4)
    const reader = new Reader(frame)
    RequestHeader.read(reader, 1)
    const partitions = Fetch.request.read(reader, 11).topics[0]?.partitions
    expect(partitions).toEqual([expect.objectContaining({ partition: index, fetchOffset: 77n })])
  }
})

test('requests to produce carry the acks of the workload', () => {
  const workload = LOAD_WORKLOADS.find(({ flushes }) => flushes)
  if (workload === undefined) throw new Error('no such workload')
  const { options } = packRequests(workload, 'topic', directory)
  const reader = new Reader(framesOf(String(options['frames']))[0] ?? Buffer.alloc(0))
  RequestHeader.read(reader, 1)
  expect(Produce.request.read(reader, 7).acks).toBe(-1)
})
