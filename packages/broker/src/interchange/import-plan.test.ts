import { readKafkaLogDirectory } from '@odradek/log'
import { planImport } from './import-plan.ts'
import { importFixture, kafkaDirectory } from './interchange-fixture.ts'
import { type KafkaSource, openKafkaSource } from './kafka-source.ts'

/** The fixture's cluster as if each of these nodes had all of it, with node 1 leading. */
function sourceOf(...nodeIds: readonly number[]): KafkaSource {
  const fs = kafkaDirectory('kafka-4.4')
  const source = openKafkaSource(fs, ['/kafka'])
  return { ...source, directories: nodeIds.map((nodeId) => ({ nodeId, logs: readKafkaLogDirectory(fs, '/kafka') })) }
}

test('of several copies of a partition the in-sync one is taken', () => {
  const source = sourceOf(2, 1)
  const copy = source.directories[0]!
  const directories = [{ ...copy, logs: { ...copy.logs, startOffsets: new Map([['sample 0', 9]]) } }]
  const plan = planImport({ ...source, directories: [...directories, ...source.directories.slice(1)] })
  const log = plan.logs.find(({ source: { topicName, partition } }) => topicName === 'sample' && partition === 0)
  expect(log?.startOffset).toBe(2)
})

test('nodes with ids in a row stay several, others become one', () => {
  expect(planImport(sourceOf(3, 1, 2)).nodeIds).toEqual([1, 2, 3])
  expect(planImport(sourceOf(1, 3)).nodeIds).toEqual([1])
})

test('directories of two clusters are refused together', async () => {
  const fs = kafkaDirectory('kafka-4.4')
  fs.mkdirSync('/other')
  const handle = fs.openSync('/other/meta.properties', 'create')
  handle.writeSync([Buffer.from('version=1\ncluster.id=LBKEeRs_QLWOv1pc6p0j8A\nnode.id=2\n')], 0)
  handle.closeSync()
  await expect(importFixture(fs, { sources: ['/kafka', '/other'] })).rejects.toThrow('one cluster at a time')
})
