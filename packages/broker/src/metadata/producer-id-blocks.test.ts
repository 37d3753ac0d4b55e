import { nodeId } from '@odradek/core'
import { MetadataFixture } from './metadata-fixture.ts'
import { NoProducerIdError, ProducerIdBlocks } from './producer-id-blocks.ts'

const first = nodeId(1)
const second = nodeId(2)

test('ids are given out of recorded blocks, one block a node, and none twice over a restart', async () => {
  const fixture = await MetadataFixture.start({ nodes: 2 })
  const next = async (node = first) => fixture.settle(Promise.resolve(fixture.metadata.producerIds.next(node)))
  expect([await next(), await next(), await next(second), await next()]).toEqual([0n, 1n, 1000n, 2n])
  await fixture.restart(2)
  expect([await next(), await next(second)]).toEqual([2000n, 3000n])
})

test('an id is at hand at once while the block lasts', async () => {
  const blocks = new ProducerIdBlocks(() => Promise.resolve(5000n))
  await blocks.next(first)
  for (let id = 5001n; id < 6000n; id++) expect(blocks.next(first)).toBe(id)
  expect(blocks.next(first)).toBeInstanceOf(Promise)
})

test('more waiters than a block has ids share as many blocks as they need', async () => {
  let allocated = 0
  const blocks = new ProducerIdBlocks(() => Promise.resolve(BigInt(allocated++) * 1000n))
  const ids = await Promise.all(Array.from({ length: 2500 }, () => blocks.next(first)))
  expect(new Set(ids).size).toBe(2500)
  expect(allocated).toBe(3)
})

test('a block that cannot be recorded is an error for all who wait, and is asked for again later', async () => {
  let fails = true
  const blocks = new ProducerIdBlocks(() => Promise.resolve(fails ? null : 7000n))
  const waiting = [blocks.next(first), blocks.next(first)]
  await expect(waiting[0]).rejects.toThrow(NoProducerIdError)
  await expect(waiting[1]).rejects.toThrow(NoProducerIdError)
  fails = false
  expect(await blocks.next(first)).toBe(7000n)
})
