import { resolveBrokerConfig, settingsOf } from './resolve-broker-config.ts'

const MEMORY_BYTES = 1_000_000_000

function resolve(entries: Readonly<Record<string, string>>) {
  return resolveBrokerConfig(new Map(Object.entries(entries)), MEMORY_BYTES)
}

test('nothing given: Kafka’s defaults, but for those of ours', () => {
  const config = resolve({})
  expect(config).toMatchObject({ problems: [], ignored: [], unknown: [] })
  expect(settingsOf(config)).toMatchObject({
    autoCreateTopicsEnable: true,
    numPartitions: 1,
    messageMaxBytes: 1_048_588,
    socketRequestMaxBytes: 104_857_600,
    offsetsTopicNumPartitions: 50,
    groupMinSessionTimeoutMs: 6000,
    groupInitialRebalanceDelayMs: 0,
    maxConnections: 10_000,
    maxConnectionsPerIp: 2000,
    queuedRequestBytesMax: 268_435_456,
    recordValidation: 'batch',
    replicationFactorClamp: false,
    flush: 'device',
    memoryLogBytes: MEMORY_BYTES,
  })
})

test('what is given is taken', () => {
  const config = resolve({
    'num.partitions': ' 7 ',
    'auto.create.topics.enable': 'FALSE',
    'odradek.record.validation': 'full',
    'odradek.memory.log.bytes': '2000000',
    'queued.max.request.bytes': '-1',
    'connections.max.idle.ms': '-1',
  })
  expect(config.problems).toEqual([])
  expect(settingsOf(config)).toMatchObject({
    numPartitions: 7,
    autoCreateTopicsEnable: false,
    recordValidation: 'full',
    memoryLogBytes: 2_000_000,
    queuedRequestBytesMax: Number.POSITIVE_INFINITY,
    connectionsMaxIdleMs: Number.POSITIVE_INFINITY,
  })
  expect(config.text('num.partitions')).toBe(' 7 ')
  expect(config.text('offsets.topic.num.partitions')).toBe('50')
  expect(config.text('log.dirs')).toBeNull()
})

test('every problem names key, value and what is allowed', () => {
  const { problems } = resolve({
    'num.partitions': '0',
    'log.retention.ms': 'long',
    'odradek.flush': 'never',
    'leader.replication.throttled.rate': '1',
    'node.id': '1',
    'broker.id': '2',
  })
  expect(problems).toEqual([
    expect.stringContaining('broker.id=2 and node.id=1 differ'),
    expect.stringContaining('leader.replication.throttled.rate can only be set while the broker runs'),
    'Invalid value long for configuration log.retention.ms: must be a whole number of 64 bits',
    'Invalid value 0 for configuration num.partitions: must be at least 1',
    'Invalid value never for configuration odradek.flush: must be one of device, os',
  ])
})

test('a process has from 1 to 100 nodes', () => {
  const problems = (count: string) => resolve({ 'odradek.brokers': count }).problems.length
  expect(['0', '1', '100', '101'].map(problems)).toEqual([1, 0, 0, 1])
})

test('keys without effect and keys nobody knows are told apart; listener keys are known by what they are about', () => {
  const config = resolve({
    'num.io.threads': '8',
    'zookeeper.connect': 'localhost:2181',
    'listener.name.sasl.plain.sasl.jaas.config': 'x',
    'listener.name.sasl.gssapi.sasl.kerberos.service.name': 'x',
    'listener.name.a.num.network.threads': '5',
    'my.key': 'x',
    'log.retention.hours': '1',
  })
  expect(config.problems).toEqual([])
  expect(config.ignored).toEqual([
    'listener.name.a.num.network.threads',
    'listener.name.sasl.gssapi.sasl.kerberos.service.name',
    'num.io.threads',
  ])
  expect(config.unknown).toEqual(['my.key', 'zookeeper.connect'])
})

test('node.id and broker.id stand for each other', () => {
  expect(resolve({ 'broker.id': '5' }).text('node.id')).toBe('5')
  expect(resolve({ 'node.id': '6' }).text('broker.id')).toBe('6')
})
