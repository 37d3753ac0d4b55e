import { resolveBrokerConfig } from './config/resolve-broker-config.ts'
import { readStartSettings } from './start-settings.ts'

const GIBIBYTE = 1_073_741_824

const read = (entries: Record<string, string>) =>
  readStartSettings(
    resolveBrokerConfig(new Map(Object.entries({ 'log.dirs': 'data', ...entries })), GIBIBYTE),
    'mymachine',
  )

test('without settings there is one node with id 1 on loopback', () => {
  const settings = read({})
  expect(settings).toMatchObject({
    nodeIds: [1],
    racks: [null],
    dataDirectories: { partitions: ['data'], metadata: 'data' },
    topics: [],
  })
  expect(settings.listeners.nodes).toMatchObject([[{ name: 'PLAINTEXT', port: 9092, advertisedHost: 'localhost' }]])
})

test('ids of nodes count upwards from the first', () => {
  expect(read({ 'node.id': '7', 'odradek.brokers': '3' }).nodeIds).toEqual([7, 8, 9])
})

test('racks are named for each node, or one for all', () => {
  expect(read({ 'odradek.brokers': '2', 'broker.rack': 'a' }).racks).toEqual(['a', 'a'])
  expect(read({ 'odradek.brokers': '2', 'broker.rack': 'a', 'odradek.racks': 'b, c' }).racks).toEqual(['b', 'c'])
  const unequal = { 'odradek.brokers': '3', 'odradek.racks': 'b,c' }
  expect(() => read(unequal)).toThrow('odradek.racks names 2 racks for 3 nodes: write one for each')
})

test('the ids of all nodes fit into 32 bits', () => {
  expect(read({ 'node.id': '2147483646', 'odradek.brokers': '2' }).nodeIds).toEqual([2_147_483_646, 2_147_483_647])
  expect(() => read({ 'node.id': '2147483647', 'odradek.brokers': '2' })).toThrow('node.id=2147483647 leaves no room')
})

test('in memory no directory is asked for', () => {
  expect(read({ 'log.dirs': '', 'odradek.ephemeral': 'true' }).dataDirectories).toBeNull()
})

test('topics and features are read', () => {
  const settings = read({ 'odradek.topics': 'orders:3, plain', 'odradek.features': 'metadata.version=33' })
  expect(settings.topics).toEqual([
    { name: 'orders', partitions: 3 },
    { name: 'plain', partitions: -1 },
  ])
  expect([...settings.features]).toEqual([['metadata.version', 33]])
})

test.each<[Record<string, string>, string]>([
  [{ 'odradek.topics': 'a:0' }, '--topic a:0: write NAME or NAME:PARTITIONS'],
  [{ 'odradek.topics': 'a:x' }, '--topic a:x'],
  [{ 'odradek.topics': ':1' }, '--topic :1'],
  [{ 'odradek.topics': 'a:1:2' }, '--topic a:1:2'],
  [
    { 'odradek.features': 'share.version=1' },
    'feature share.version=1: it does not work here, so only level 0 can be set',
  ],
  [{ 'process.roles': 'controller' }, 'process.roles=controller: odradek is always a broker'],
  [{ 'num.partitions': 'many' }, 'num.partitions'],
  [{ 'cordoned.log.dirs': 'b' }, 'cordoned.log.dirs=b: it must be a list of what log.dirs has (data), or *'],
])('%j is refused', (entries, message) => {
  expect(() => read(entries)).toThrow(message)
})

test('a combined server.properties starts as a broker', () => {
  expect(read({ 'process.roles': 'broker,controller', 'node.id': '1' }).nodeIds).toEqual([1])
})

test.each<[Record<string, string>, object]>([
  [{ 'log.dirs': 'a,b' }, { partitions: ['a', 'b'], metadata: 'a' }],
  [
    { 'log.dirs': ' a/ ,b,a', 'metadata.log.dir': 'b/' },
    { partitions: ['a/', 'b', 'a'], metadata: 'b/' },
  ],
  [
    { 'log.dirs': 'a', 'metadata.log.dir': 'm' },
    { partitions: ['a'], metadata: 'm' },
  ],
  [{ 'log.dirs': '/' }, { partitions: ['/'], metadata: '/' }],
])('%j: where data and metadata are', (config, expected) => {
  expect(read(config).dataDirectories).toEqual(expected)
})
