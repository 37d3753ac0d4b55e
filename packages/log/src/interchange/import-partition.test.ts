import { type Timestamp, timestamp } from '@odradek/core'
import { buildBatch } from '@odradek/records'
import { MemoryFs } from '../fs/memory-fs.ts'
import { importPartition } from './import-partition.ts'

const TOPIC_ID = 'mflNKcRKRqyREet14EPjMw'
const NOW: Timestamp = timestamp(1n)

const batch = (baseOffset: number, value: string) =>
  buildBatch({ baseOffset, records: [{ timestamp: NOW, key: null, value: Buffer.from(value) }] })

const nameOf = (offset: number) => `${String(offset).padStart(20, '0')}.log`

/** Imports a directory of these files; returns the files of ours. */
async function imported(files: Readonly<Record<string, readonly Uint8Array[]>>, recoveryPoint = 0) {
  const fs = new MemoryFs()
  fs.mkdirSync('/kafka/t-0')
  for (const [name, batches] of Object.entries(files)) {
    const handle = fs.openSync(`/kafka/t-0/${name}`, 'create')
    handle.writeSync(batches, 0)
    handle.closeSync()
  }
  const source = { path: '/kafka/t-0', topicName: 't', partition: 0, topicId: null }
  const limits = { maxDecompressedBytes: 1_000_000 }
  const options = { fs, source, dataDirectory: '/data', topicId: TOPIC_ID, recoveryPoint, limits, onBytes: () => {} }
  const result = await importPartition(options)
  const [directory] = fs.readdirSync('/data')
  const made = Object.fromEntries(
    fs.readdirSync(`/data/${directory}`).map((name) => [name, fs.readFileSync(`/data/${directory}/${name}`)]),
  )
  return { ...result, made }
}

test('a segment that compaction was about to put in place stands for those that it covers', async () => {
  const { made, endOffset } = await imported({
    [nameOf(0)]: [batch(0, 'old')],
    [nameOf(1)]: [batch(1, 'old')],
    [`${nameOf(0)}.swap`]: [batch(1, 'kept')],
    [nameOf(2)]: [batch(2, 'new')],
  })
  expect(Object.keys(made)).toEqual([nameOf(0), nameOf(2)])
  expect(Buffer.from(made[nameOf(0)]!).includes('kept')).toBe(true)
  expect(endOffset).toBe(3)
})

test('one that was still being written when Kafka was killed is left out, and what goes with it', async () => {
  const { made } = await imported({
    [nameOf(0)]: [batch(0, 'old')],
    [`${nameOf(0)}.swap`]: [batch(0, 'half')],
    [`${nameOf(0)}.cleaned`]: [batch(0, 'half')],
    [`${nameOf(0)}.deleted`]: [batch(0, 'gone')],
  })
  expect(Buffer.from(made[nameOf(0)]!).includes('old')).toBe(true)
})

test.each([1, 11, 16, 17, 60, 61, 68])('a batch cut after %i bytes is a torn end', async (length) => {
  const { cut, endOffset, made } = await imported(
    { [nameOf(0)]: [batch(0, 'a'), batch(1, 'b').subarray(0, length)] },
    1,
  )
  expect(cut?.position).toBe(batch(0, 'a').length)
  expect(endOffset).toBe(1)
  expect(made[nameOf(0)]).toHaveLength(batch(0, 'a').length)
})

test('a torn batch below the recovery point, or before another segment, is damage', async () => {
  const torn = [batch(0, 'a'), batch(1, 'b').subarray(0, 30)]
  await expect(imported({ [nameOf(0)]: torn }, 2)).rejects.toThrow(/is damaged at position \d+, from offset 1/)
  await expect(imported({ [nameOf(0)]: torn, [nameOf(2)]: [batch(2, 'c')] })).rejects.toThrow(/follows it/)
})

test('a partition whose last files are gone is not taken for a shorter one', async () => {
  await expect(imported({ [nameOf(0)]: [batch(0, 'a')] }, 2)).rejects.toThrow(
    'ends at offset 1, but Kafka had flushed it up to 2',
  )
  await expect(imported({}, 2)).rejects.toThrow('ends at offset 0, but')
  // DeleteRecords may leave nothing but the next offset.
  expect((await imported({ [nameOf(7)]: [] }, 7)).endOffset).toBe(7)
})

test('a batch larger than what is read at a time is copied whole', async () => {
  const large = [batch(0, 'a'), batch(1, 'x'.repeat(2_500_000)), batch(2, 'c')]
  const { made, endOffset } = await imported({ [nameOf(0)]: large })
  expect(Buffer.compare(made[nameOf(0)]!, Buffer.concat(large))).toBe(0)
  expect(endOffset).toBe(3)
})
