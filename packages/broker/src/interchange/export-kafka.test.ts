import { SeededPrng, SystemClock, silentLogger } from '@odradek/core'
import type { MemoryFs } from '@odradek/log'
import { exportKafka } from './export-kafka.ts'
import { importFixture, kafkaDirectory, kafkaSaid, linesOf, openData, writeFile } from './interchange-fixture.ts'
import { readKafkaMetadata } from './kafka-metadata.ts'

function exportTo(fs: MemoryFs, target: string, nodeId: number | null = null) {
  const clock = new SystemClock()
  const prng = new SeededPrng(3)
  return exportKafka({ fs, clock, prng, logger: silentLogger, source: '/data', target, nodeId, onProgress: () => {} })
}

test('what was imported, exported and imported again has the same records, topics and configs', async () => {
  const fs = kafkaDirectory('kafka-3.9')
  await importFixture(fs)
  await exportTo(fs, '/back', 7)
  const { clusterId, nodeIds } = await importFixture(fs, { sources: ['/back'], target: '/again' })
  expect(nodeIds).toEqual([7])
  const opened = await openData(fs, '/again')
  const said = kafkaSaid('kafka-3.9')
  expect(said).toContain(`cluster ${clusterId}`)
  for (const [topic, partition] of [
    ['sample', 0],
    ['sample', 1],
    ['old', 0],
  ] as const) {
    const lines = said.filter((line) => line.startsWith(`record ${topic}-${partition} `))
    expect(await linesOf(opened, topic, partition)).toEqual(lines)
  }
  expect(opened.image.configsOf('TOPIC', 'sample').get('retention.ms')).toBe('-1')
  await opened.store.close()
})

test('Kafka finds its features, leaders with higher epochs and the producer ids that are given away', async () => {
  const fs = kafkaDirectory('kafka-4.4')
  const before = readKafkaMetadata(fs, '/kafka/__cluster_metadata-0').state
  await importFixture(fs)
  await exportTo(fs, '/back')
  const { state, cut } = readKafkaMetadata(fs, '/back/__cluster_metadata-0')
  expect(cut).toBeNull()
  expect(state.nextProducerId).toBe(before.nextProducerId)
  expect(state.featureLevels.get('transaction.version')).toBe(2)
  expect(state.featureLevels.get('metadata.version')).toBe(33)
  for (const topic of state.topics.values()) {
    for (const partition of topic.partitions.values()) {
      const known = before.topics.get(topic.id)?.partitions.get(partition.index)
      expect(partition.leader).toBe(1)
      expect(partition.leaderEpoch).toBeGreaterThan(known!.leaderEpoch)
    }
  }
  expect(Buffer.from(fs.readFileSync('/back/meta.properties')!).toString()).toMatch(
    /^version=1\ncluster\.id=\S{22}\nnode\.id=1\ndirectory\.id=\S{22}\n$/,
  )
})

test('a partition whose log lies elsewhere ends the export, and is not made anew', async () => {
  const fs = kafkaDirectory('kafka-4.4')
  await importFixture(fs)
  const lost = fs.readdirSync('/data').find((name) => /^[0-9a-f]{32}-1$/.test(name))!
  await fs.removeDirectory(`/data/${lost}`)
  await expect(exportTo(fs, '/back')).rejects.toThrow(/^sample-1 has no log in \/data; where a broker has several/)
  expect(fs.readdirSync('/data')).not.toContain(lost)
})

test('a target with anything in it, and a directory in use, are refused', async () => {
  const fs = kafkaDirectory('kafka-4.4')
  await importFixture(fs)
  fs.mkdirSync('/full')
  writeFile(fs, '/full/x', 'y')
  await expect(exportTo(fs, '/full')).rejects.toThrow('/full is not empty')
  await expect(exportTo(fs, '/full/x')).rejects.toThrow('/full/x is a file')
  const lock = fs.lock('/data/.lock')
  await expect(exportTo(fs, '/back')).rejects.toThrow('a broker is using it')
  lock?.release()
})
