import { silentLogger } from '@odradek/core'
import type { MemoryFs } from '@odradek/log'
import { batchSizeAt } from '@odradek/records'
import { claimDataDirectory } from '../metadata/data-directory.ts'
import {
  type FixtureName,
  importFixture,
  importOptions,
  kafkaDirectory,
  kafkaSaid,
  linesOf,
  openData,
  writeFile,
} from './interchange-fixture.ts'

const NAMES: readonly FixtureName[] = ['kafka-4.4', 'kafka-3.9']
const recordsOf = (said: readonly string[], partition: string) =>
  said.filter((line) => line.startsWith(`record ${partition} `))

test.each(NAMES)(
  'every record of %s has the offset, time, key, value and headers that Kafka’s client read',
  async (name) => {
    const fs = kafkaDirectory(name)
    await importFixture(fs)
    const opened = await openData(fs)
    const said = kafkaSaid(name)
    for (const [topic, partition] of [
      ['sample', 0],
      ['sample', 1],
      ['old', 0],
    ] as const) {
      expect(await linesOf(opened, topic, partition)).toEqual(recordsOf(said, `${topic}-${partition}`))
    }
    await opened.store.close()
  },
)

test.each(NAMES)(
  'topics, ids, partitions and configs of %s are those that Kafka’s client was told of',
  async (name) => {
    const fs = kafkaDirectory(name)
    const report = await importFixture(fs)
    const { image, store } = await openData(fs)
    const said = kafkaSaid(name)
    const topics = Array.from(
      image.topics(),
      ({ name: topic, id, partitions, isInternal }) =>
        `topic ${topic} ${id} ${partitions.length}${isInternal ? ' internal' : ''}`,
    )
    expect(topics.sort()).toEqual(said.filter((line) => line.startsWith('topic ')))
    expect(said).toContain(`cluster ${report.clusterId}`)
    for (const line of said.filter((each) => each.startsWith('config TOPIC '))) {
      const [, , topic = '', entry = ''] = line.split(' ')
      const [key = '', value] = entry.split('=')
      // Kafka spells a codec's absence in two ways.
      expect(image.configsOf('TOPIC', topic).get(key)).toBe(value)
    }
    expect(image.configsOf('BROKER', '').get('log.retention.ms')).toBe('123456789012')
    expect(image.configsOf('BROKER', '1').get('max.connections.per.ip')).toBe('1000')
    expect(image.configsOf('CLIENT_METRICS', 'metrics-1').get('interval.ms')).toBe('60000')
    expect(image.topic('sample')?.partitions.map(({ leader, replicas }) => [leader, replicas])).toEqual([
      [1, [1]],
      [1, [1]],
    ])
    await store.close()
  },
)

test('messages of formats 0 and 1 are counted', async () => {
  const { convertedMessages } = await importFixture(kafkaDirectory('kafka-3.9'))
  // 12 sets of 8: a quarter are messages that stand alone, the others one wrapper each.
  expect(convertedMessages).toBe(3 * 8 + 9)
})

test('Kafka’s directory stays as it was', async () => {
  const fs = kafkaDirectory('kafka-4.4')
  const before = everything(fs, '/kafka')
  await importFixture(fs)
  expect(everything(fs, '/kafka')).toEqual(before)
})

test('the directory belongs to Kafka’s cluster and node', async () => {
  const fs = kafkaDirectory('kafka-4.4')
  const { clusterId, nodeIds } = await importFixture(fs)
  const { prng } = importOptions(fs)
  expect(nodeIds).toEqual([1])
  const claim = await claimDataDirectory(fs, '/data', { nodeId: nodeIds[0]!, prng, softwareVersion: '1.2.3' })
  expect(claim.clusterId).toBe(clusterId)
  claim.release()
})

test('a torn end is left out and named, wherever it is torn', async () => {
  const path = '/kafka/sample-1/00000000000000000001.log'
  const size = kafkaDirectory('kafka-4.4').statSync(path)!.sizeBytes
  for (let bytes = size - 1; bytes > size - 78; bytes -= 7) {
    const fs = kafkaDirectory('kafka-4.4')
    truncate(fs, path, bytes)
    fs.unlinkSync('/kafka/recovery-point-offset-checkpoint')
    const { notes } = await importFixture(fs)
    expect(notes).toContainEqual(
      expect.stringMatching(/00000000000000000001\.log: a torn end was left out, from position \d+/),
    )
    const opened = await openData(fs)
    expect((await linesOf(opened, 'sample', 1))[0]).toBe('record sample-1 from 0 to 3')
    await opened.store.close()
  }
})

test('damage below what Kafka had flushed ends the import, and no broker starts on what is there', async () => {
  const fs = kafkaDirectory('kafka-4.4')
  const path = '/kafka/sample-0/00000000000000000000.log'
  const bytes = Buffer.from(fs.readFileSync(path)!)
  bytes[400] = (bytes[400] ?? 0) ^ 1
  writeFile(fs, path, bytes)
  await expect(importFixture(fs)).rejects.toThrow(/sample-0\/0+\.log is damaged at position \d+, from offset \d+/)
  const { prng } = importOptions(fs)
  const claim = claimDataDirectory(fs, '/data', { nodeId: 1 as never, prng, softwareVersion: '1.2.3' })
  await expect(claim).rejects.toThrow('the command that was to fill it did not finish')
})

test.each(NAMES)(
  'metadata of %s that is damaged before its end, or gone, is not taken for an older state',
  async (name) => {
    const fs = kafkaDirectory(name)
    const directory = '/kafka/__cluster_metadata-0'
    const path = `${directory}/00000000000000000000.log`
    const bytes = Buffer.from(fs.readFileSync(path)!)
    const second = batchSizeAt(bytes, 0)!
    const damaged = Buffer.from(bytes)
    damaged[second + 70] = (damaged[second + 70] ?? 0) ^ 1
    writeFile(fs, path, damaged)
    await expect(importFixture(fs)).rejects.toThrow(`${path} is damaged at position ${second}, and more follows it`)
    writeFile(fs, path, '')
    await expect(importFixture(fs)).rejects.toThrow(`${directory} is empty`)
    writeFile(fs, path, bytes.subarray(0, second))
    writeFile(fs, `${directory}/00000000000000000009.log`, '')
    await expect(importFixture(fs)).rejects.toThrow(/has no snapshot or segment with records \d+ to 8;/)
    expect(fs.readdirSync('/data')).toEqual([])
  },
)

test('a full disk ends the import, with the source untouched', async () => {
  const fs = kafkaDirectory('kafka-4.4')
  const before = everything(fs, '/kafka')
  const openSync = fs.openSync.bind(fs)
  const failing = Object.assign(fs, {
    openSync(path: string, mode: 'read' | 'append' | 'create') {
      const handle = openSync(path, mode)
      if (path.startsWith('/data/') && path.endsWith('.log')) handle.writeSync = () => 3
      return handle
    },
  })
  await expect(importFixture(failing)).rejects.toThrow(/only 3 of \d+ bytes could be written/)
  expect(everything(fs, '/kafka')).toEqual(before)
})

test.each([
  ['a directory that is not there', (fs: MemoryFs) => fs.renameSync('/kafka', '/elsewhere'), '/kafka is not there'],
  [
    'a directory without meta.properties',
    (fs: MemoryFs) => unlink(fs, 'meta.properties'),
    'it is no data directory of Kafka',
  ],
  [
    'a Kafka with ZooKeeper',
    (fs: MemoryFs) => writeFile(fs, '/kafka/meta.properties', 'version=0\nbroker.id=0\ncluster.id=x\n'),
    'is of a Kafka with ZooKeeper',
  ],
  [
    'a directory of ours',
    (fs: MemoryFs) =>
      writeFile(
        fs,
        '/kafka/meta.properties',
        'version=1\ncluster.id=x\nnode.id=1\ndirectory.id=y\nodradek.format.version=1\n',
      ),
    'is a data directory of odradek already',
  ],
  ['a damaged meta.properties', (fs: MemoryFs) => writeFile(fs, '/kafka/meta.properties', 'version=1\n'), 'is damaged'],
  ['a target that is not empty', (fs: MemoryFs) => fs.mkdirSync('/data/x'), 'it is not empty'],
  [
    'a Kafka that runs',
    (fs: MemoryFs) => Object.assign(fs, { lockHolder: () => 4711 }),
    '/kafka is in use by process 4711; stop that Kafka first',
  ],
])('%s is refused in words', async (_, prepare, message) => {
  const fs = kafkaDirectory('kafka-4.4')
  prepare(fs)
  await expect(importFixture(fs)).rejects.toThrow(message)
})

test('a Kafka that writes while it is read is found out', async () => {
  const fs = kafkaDirectory('kafka-4.4')
  const path = '/kafka/sample-0/00000000000000000000.log'
  const onProgress = () => {
    const handle = fs.openSync(path, 'append')
    handle.writeSync([Buffer.alloc(1)], handle.size())
    handle.closeSync()
  }
  await expect(importFixture(fs, { onProgress })).rejects.toThrow(`${path} changed while it was read`)
})

test('partitions that the directory has not begin empty and are named; deleted topics’ are not taken', async () => {
  const fs = kafkaDirectory('kafka-4.4')
  await fs.removeDirectory('/kafka/sample-1')
  fs.mkdirSync('/kafka/forgotten-0')
  const { notes } = await importFixture(fs, { logger: silentLogger })
  expect(notes).toContain('not in these directories, so they begin empty: sample-1')
  expect(notes).toContain('of topics that are deleted, and so not imported: /kafka/forgotten-0')
})

function unlink(fs: MemoryFs, name: string): void {
  fs.unlinkSync(`/kafka/${name}`)
}

function truncate(fs: MemoryFs, path: string, size: number): void {
  const handle = fs.openSync(path, 'append')
  handle.truncateSync(size)
  handle.closeSync()
}

/** Every file below a directory, with its bytes. */
function everything(fs: MemoryFs, path: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const name of fs.readdirSync(path)) {
    const child = `${path}/${name}`
    if (fs.statSync(child)?.isDirectory) Object.assign(found, everything(fs, child))
    else found[child] = Buffer.from(fs.readFileSync(child)!).toString('base64')
  }
  return found
}
