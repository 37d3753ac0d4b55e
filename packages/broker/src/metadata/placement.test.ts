import { nodeId } from '@odradek/core'
import fc from 'fast-check'
import { type PlacedNode, placeReplicas } from './placement.ts'

function nodesOf(...ids: number[]): PlacedNode[] {
  return ids.map((id) => ({ id: nodeId(id), rack: null }))
}

test('replicas lie on different nodes, leaders are spread as evenly as can be, and so are followers of a leader', () => {
  const shape = fc
    .integer({ min: 1, max: 8 })
    .chain((nodes) =>
      fc.tuple(fc.constant(nodes), fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: nodes }), fc.nat(20)),
    )
  fc.assert(
    fc.property(shape, ([nodesCount, partitions, replicationFactor, start]) => {
      const nodes = Array.from({ length: nodesCount }, (_, index) => nodeId(index * 2))
      const up = nodes.map((id) => ({ id, rack: null }))
      const placed = placeReplicas({ up, down: [] }, partitions, replicationFactor, start)
      expect(placed).toHaveLength(partitions)
      for (const replicas of placed) expect(new Set(replicas).size).toBe(replicationFactor)
      const led = nodes.map((node) => placed.filter(([leader]) => leader === node).length)
      expect(Math.max(...led) - Math.min(...led)).toBeLessThanOrEqual(1)
    }),
    { numRuns: 200 },
  )
})

test('with every round the followers move on', () => {
  expect(placeReplicas({ up: nodesOf(1, 2, 3), down: [] }, 6, 2, 0)).toEqual([
    [1, 2],
    [2, 3],
    [3, 1],
    [1, 3],
    [2, 1],
    [3, 2],
  ])
})

test('nodes that are down follow where the others are too few, and never lead', () => {
  const placed = placeReplicas({ up: nodesOf(1, 2), down: nodesOf(3) }, 4, 3, 0)
  expect(placed).toEqual([
    [1, 2, 3],
    [2, 1, 3],
    [1, 2, 3],
    [2, 1, 3],
  ])
  expect(placeReplicas({ up: nodesOf(1, 2), down: nodesOf(3) }, 4, 2, 0).flat()).not.toContain(3)
})

test('no rack has two replicas of a partition while another has none', () => {
  const shape = fc.tuple(fc.array(fc.constantFrom('a', 'b', 'c', null), { minLength: 1, maxLength: 9 }), fc.nat(20))
  fc.assert(
    fc.property(shape, fc.nat(8), ([racks, start], more) => {
      const up = racks.map((rack, index) => ({ id: nodeId(index), rack }))
      const replicationFactor = 1 + (more % up.length)
      for (const replicas of placeReplicas({ up, down: [] }, 12, replicationFactor, start)) {
        const used = new Set(replicas.map((id) => up[id]!.rack))
        expect(used.size).toBe(Math.min(replicationFactor, new Set(racks).size))
        expect(new Set(replicas).size).toBe(replicationFactor)
      }
    }),
  )
})
