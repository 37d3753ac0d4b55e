import { inBatches } from './record-batches.ts'

const batchesOf = (count: number, bytes: number) =>
  [...inBatches(Array.from({ length: count }, () => Buffer.alloc(bytes)))].map((batch) => batch.length)

test.each([
  ['nothing', 0, 1, []],
  ['a thousand records', 1000, 10, [1000]],
  ['one more', 1001, 10, [1000, 1]],
  ['a megabyte', 4, 262_144, [4]],
  ['more of them', 5, 262_144, [4, 1]],
  ['a record of more than a megabyte', 2, 2_000_000, [1, 1]],
])('%s in as few batches as may be', (_, count, bytes, sizes) => {
  expect(batchesOf(count, bytes)).toEqual(sizes)
})
