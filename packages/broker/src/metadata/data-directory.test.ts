import { nodeId, SeededPrng } from '@odradek/core'
import { MemoryFs } from '@odradek/log'
import { SimFs } from '@odradek/log/contract'
import { claimDataDirectory, DataDirectoryError } from './data-directory.ts'

const options = { nodeId: nodeId(1), prng: new SeededPrng(3), softwareVersion: '0.1.0' }
const OURS =
  'version=1\ncluster.id=c\nnode.id=1\ndirectory.id=dddddddddddddddddddddd\nodradek.format.version=1\nodradek.software.version=0.1.0\n'

function write(fs: MemoryFs, path: string, text: string): void {
  const parts = path.split('/')
  for (let end = 1; end < parts.length; end++) fs.mkdirSync(parts.slice(0, end).join('/'))
  const handle = fs.openSync(path, 'create')
  handle.writeSync([Buffer.from(text)], 0)
  handle.closeSync()
}

/** Every file below a directory with its text. */
function contents(fs: MemoryFs, directory: string): Record<string, string> {
  const files: Record<string, string> = {}
  for (const name of fs.readdirSync(directory)) {
    const path = `${directory}/${name}`
    if (fs.statSync(path)?.isDirectory) Object.assign(files, contents(fs, path), { [path]: 'directory' })
    else files[path] = Buffer.from(fs.readFileSync(path) ?? []).toString()
  }
  return files
}

test('a new directory gets an identity of 22 characters, and keeps it', async () => {
  const fs = new MemoryFs()
  const first = await claimDataDirectory(fs, 'parent/data', options)
  expect(first.clusterId).toMatch(/^[\w-]{22}$/)
  expect(first.directoryId).toMatch(/^[\w-]{22}$/)
  expect(first.directoryId).not.toBe(first.clusterId)
  first.release()
  const second = await claimDataDirectory(fs, 'parent/data', options)
  expect([second.clusterId, second.directoryId]).toEqual([first.clusterId, first.directoryId])
})

test('the identity survives a power cut once the claim is answered', async () => {
  const fs = new SimFs()
  fs.mkdirSync('data')
  await fs.syncDirectory('.')
  const { clusterId } = await claimDataDirectory(fs, 'data', options)
  fs.losePower()
  expect((await claimDataDirectory(fs, 'data', options)).clusterId).toBe(clusterId)
})

test('an existing directory with other files in it is taken, and they are left alone', async () => {
  const fs = new MemoryFs()
  write(fs, 'data/lost+found/x', 'x')
  write(fs, 'data/notes.txt', 'mine')
  await claimDataDirectory(fs, 'data', options)
  expect(contents(fs, 'data')).toMatchObject({ 'data/notes.txt': 'mine', 'data/lost+found/x': 'x' })
})

test('meta.properties is Kafka’s, with the format besides', async () => {
  const fs = new MemoryFs()
  const { clusterId, directoryId } = await claimDataDirectory(fs, 'data', options)
  expect(contents(fs, 'data')['data/meta.properties']).toBe(
    `# Kafka's keys, and the layout of this directory. Do not edit.
version=1
cluster.id=${clusterId}
node.id=1
directory.id=${directoryId}
odradek.format.version=2
odradek.software.version=0.1.0
`,
  )
})

const KAFKAS = 'Apache Kafka has written it'

test.each<[string, Record<string, string>, string]>([
  [
    'Kafka’s meta.properties',
    { 'meta.properties': '#\n#Sun Nov 22\nnode.id=1\ndirectory.id=d\nversion=1\ncluster.id=c\n' },
    KAFKAS,
  ],
  ['that of Kafka with ZooKeeper', { 'meta.properties': 'version=0\nbroker.id=0\ncluster.id=c\n' }, KAFKAS],
  ['Kafka’s checkpoints', { 'replication-offset-checkpoint': '0\n0\n' }, KAFKAS],
  ['Kafka’s bootstrap file', { 'bootstrap.checkpoint': 'x' }, KAFKAS],
  [
    'partitions without meta.properties',
    { 'topic-0/00000000000000000000.log': 'x' },
    'it has partitions (topic-0) but no meta.properties',
  ],
  [
    'a metadata log without meta.properties',
    { '__cluster_metadata-0/00000000000000000000.log': 'x' },
    'but no meta.properties',
  ],
  [
    'partitions of ours, with checkpoints, without meta.properties',
    {
      '5b1c2d3e4f5061728394a5b6c7d8e9f0-3/00000000000000000000.log': 'x',
      'recovery-point-offset-checkpoint': '0\n0\n',
    },
    'it has partitions (5b1c2d3e4f5061728394a5b6c7d8e9f0-3) but no meta.properties',
  ],
  ['an empty meta.properties', { 'meta.properties': '' }, 'its meta.properties is damaged'],
  [
    'a newer format',
    { 'meta.properties': OURS.replace('format.version=1', 'format.version=3').replace('0.1.0', '0.9.0') },
    'start odradek 0.9.0 or newer',
  ],
  ['another node’s', { 'meta.properties': OURS.replace('node.id=1', 'node.id=7') }, 'start with --node-id 7'],
  [
    'a cluster id that is missing',
    { 'meta.properties': OURS.replace('cluster.id=c\n', '') },
    'its meta.properties is damaged',
  ],
  [
    'a format that is no number',
    { 'meta.properties': OURS.replace('format.version=1', 'format.version=one') },
    'its meta.properties is damaged',
  ],
  [
    'a directory id that is too short',
    { 'meta.properties': OURS.replace('directory.id=d', 'directory.id=') },
    'directory.id is "ddddddddddddddddddddd", not 22 letters',
  ],
  [
    'a directory id that is too long',
    { 'meta.properties': OURS.replace('directory.id=d', 'directory.id=dd') },
    'directory.id is "ddddddddddddddddddddddd", not 22 letters',
  ],
  [
    'a directory id with a byte that changed',
    { 'meta.properties': OURS.replace('directory.id=d', 'directory.id=ÿ') },
    'its meta.properties is damaged: directory.id is "ÿddddddddddddddddddddd"',
  ],
])('%s: refused, and nothing is written', async (_, files, message) => {
  const fs = new MemoryFs()
  for (const [name, text] of Object.entries(files)) write(fs, `data/${name}`, text)
  const before = contents(fs, 'data')
  const claim = claimDataDirectory(fs, 'data', options)
  await expect(claim).rejects.toThrow(DataDirectoryError)
  await expect(claim).rejects.toThrow(message)
  await expect(claim).rejects.toThrow('data directory data: ')
  expect(contents(fs, 'data')).toEqual(before)
})

test('a directory in use is refused until it is released', async () => {
  const fs = new MemoryFs()
  const claim = await claimDataDirectory(fs, 'data', options)
  await expect(claimDataDirectory(fs, 'data', options)).rejects.toThrow('another broker is using it')
  claim.release()
  await claimDataDirectory(fs, 'data', options)
})

test('a file is no directory', async () => {
  const fs = new MemoryFs()
  write(fs, 'data', 'x')
  await expect(claimDataDirectory(fs, 'data', options)).rejects.toThrow('it is a file')
})

test('a full disk is said, and the lock given back', async () => {
  const fs = new MemoryFs({ bytesMax: 10 })
  await expect(claimDataDirectory(fs, 'data', options)).rejects.toThrow(/data directory data: .*(ENOSPC|space)/)
  const lock = fs.lock('data/.lock')
  expect(lock).not.toBeNull()
})
