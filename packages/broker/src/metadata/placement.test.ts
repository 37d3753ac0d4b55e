import { nodeId } from '@odradek/core'
import fc from 'fast-check'
import { placeReplicas } from './placement.ts'

test('replicas lie on different nodes, leaders are spread as evenly as can be, and so are followers of a leader', () => {
  const shape = fc
    .integer({ min: 1, max: 8 })
    .chain((nodes) =>
      fc.tuple(fc.constant(nodes), fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: nodes }), fc.nat(20)),
    )
  fc.assert(
    fc.property(shape, ([nodesCount, partitions, replicationFactor, start]) => {
      const nodes = Array.from({ length: nodesCount }, (_, index) => nodeId(index * 2))
      const placed = placeReplicas(nodes, partitions, replicationFactor, start)
      expect(placed).toHaveLength(partitions)
      for (const replicas of placed) expect(new Set(replicas).size).toBe(replicationFactor)
      const led = nodes.map((node) => placed.filter(([leader]) => leader === node).length)
      expect(Math.max(...led) - Math.min(...led)).toBeLessThanOrEqual(1)
    }),
    { numRuns: 200 },
  )
})

test('with every round the followers move on', () => {
  const nodes = [1, 2, 3].map(nodeId)
  expect(placeReplicas(nodes, 6, 2, 0)).toEqual([
    [1, 2],
    [2, 3],
    [3, 1],
    [1, 3],
    [2, 1],
    [3, 2],
  ])
})
