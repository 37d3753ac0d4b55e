import { checkBrokerConfigs } from './check-broker-configs.ts'
import { type BrokerLayers, NO_CONFIGS } from './layers.ts'

const layers: BrokerLayers = {
  dynamic: NO_CONFIGS,
  dynamicDefault: NO_CONFIGS,
  fixed: new Map([['log.retention.hours', '100']]),
}

function verdict(name: string, configs: Readonly<Record<string, string>>): string | null {
  const problem = checkBrokerConfigs(new Map(Object.entries(configs)), name === '', layers)
  if (problem !== null) expect(problem.error).toBe('INVALID_REQUEST')
  return problem?.message ?? null
}

/** What a running Kafka 4.4 took, but where noted. */
test.each<[string, Record<string, string>]>([
  ['', { 'log.retention.ms': '5000' }],
  ['1', { 'num.io.threads': '12' }],
  ['1', { 'num.io.threads': '4' }],
  ['1', { 'num.io.threads': '16' }],
  ['1', { 'my.key': '4' }],
  ['1', { 'log.cleaner.min.compaction.lag.ms': '10', 'log.cleaner.max.compaction.lag.ms': '5' }],
  ['1', { 'leader.replication.throttled.rate': '1' }],
  ['', { 'leader.replication.throttled.rate': '1' }],
  ['', { 'min.insync.replicas': '1' }],
  ['1', { 'listener.name.plaintext.ssl.keystore.location': '/x' }],
  ['1', { 'listener.name.external.max.connections': '5' }],
  ['1', { 'max.connections.per.ip.overrides': 'localhost:5, 127.0.0.1:6' }],
  ['1', { 'log.local.retention.ms': '360000000' }],
  ['1', { 'metric.reporters': 'org.apache.kafka.common.metrics.JmxReporter' }],
])('broker "%s" takes %j', (name, configs) => {
  expect(verdict(name, configs)).toBeNull()
})

/** What a running Kafka 4.4 refused, but where noted. */
test.each<[string, Record<string, string>, string]>([
  [
    '',
    { 'log.retention.ms': 'abc' },
    'Invalid value abc for configuration log.retention.ms: must be a whole number of 64 bits',
  ],
  ['1', { 'num.io.threads': '17' }, 'from half to double the present value, 8'],
  ['1', { 'background.threads': '4' }, 'from half to double the present value, 10'],
  ['1', { 'num.partitions': '4', 'node.id': '3' }, 'Cannot update these configs dynamically: num.partitions, node.id'],
  // Kafka can move its listeners; here they are opened once.
  ['1', { listeners: 'PLAINTEXT://:9092' }, 'Cannot update these configs dynamically: listeners'],
  ['1', { 'ssl.keystore.location': '/x' }, 'with the prefix listener.name.LISTENER.: ssl.keystore.location'],
  ['', { 'listener.name.a.ssl.keystore.location': '/x' }, 'name a broker: listener.name.a.ssl.keystore.location'],
  ['', { 'cordoned.log.dirs': '' }, 'name a broker: cordoned.log.dirs'],
  ['1', { 'cordoned.log.dirs': '/nope' }, 'the only directory must stay'],
  ['1', { 'log.cleanup.policy': 'foo' }, 'must be a list of compact, delete'],
  ['1', { 'message.max.bytes': '-1' }, 'must be at least 0'],
  ['1', { 'log.local.retention.ms': '900000000' }, 'at most log.retention.ms, 360000000'],
  ['1', { 'max.connections.per.ip.overrides': 'foo' }, 'a list of HOST:COUNT'],
  ['1', { 'min.insync.replicas': '0' }, 'must be at least 1'],
  ['1', { 'listener.name.a.principal.builder.class': 'foo.Bar' }, 'classes cannot be loaded'],
  ['1', { 'metric.reporters': 'foo.Bar' }, 'classes cannot be loaded'],
  ['1', { 'compression.type': 'foo' }, 'one of uncompressed, zstd, lz4, snappy, gzip, producer'],
])('broker "%s" refuses %j', (name, configs, message) => {
  expect(verdict(name, configs)).toContain(message)
})
