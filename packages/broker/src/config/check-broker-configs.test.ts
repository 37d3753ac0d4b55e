import { checkBrokerConfigs } from './check-broker-configs.ts'
import { type BrokerLayers, NO_CONFIGS } from './layers.ts'

const layers: BrokerLayers = {
  dynamic: NO_CONFIGS,
  dynamicDefault: NO_CONFIGS,
  fixed: new Map([
    ['log.retention.hours', '100'],
    ['log.dirs', '/a,/b'],
  ]),
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
  ['', { 'listener.name.external.max.connections': '5' }],
  ['', { 'log.retention.bytes': '-5' }],
  ['1', { 'sasl.enabled.mechanisms': '', 'ssl.cipher.suites': '' }],
  ['', { 'listener.name.external.max.connection.creation.rate': '5' }],
  ['', { 'listener.name.external.num.network.threads': '4' }],
  ['1', { 'sasl.jaas.config': 'x', 'ssl.client.auth': 'required', 'sasl.enabled.mechanisms': 'PLAIN' }],
  ['1', { 'principal.builder.class': 'org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder' }],
  ['', { 'max.connections.per.ip': '0', 'max.connections.per.ip.overrides': '127.0.0.1:5' }],
  ['', { 'num.network.threads': '1' }],
  ['', { 'config.providers': 'file,,env' }],
  ['', { 'metric.reporters': '' }],
  ['', { 'metric.reporters': ' ' }],
  ['1', { 'metric.reporters': ' org.apache.kafka.common.metrics.JmxReporter' }],
  ['', { 'log.retention.ms': '-1', 'log.roll.ms': '1', 'log.roll.jitter.ms': '0' }],
  ['', { 'log.cleaner.dedupe.buffer.size': '1048577' }],
  ['', { 'log.cleaner.threads': '2', 'log.cleaner.dedupe.buffer.size': '2097154' }],
  ['1', { 'group.consumer.assignment.interval.ms': '15000' }],
  ['1', { 'log.remote.copy.lag.ms': '360000000', 'log.remote.copy.lag.bytes': '9223372036854775807' }],
  ['1', { 'remote.log.reader.threads': '5' }],
  ['1', { 'metric.reporters': 'org.apache.kafka.common.metrics.JmxReporter' }],
  ['1', { 'cordoned.log.dirs': '/b, /a' }],
  ['1', { 'cordoned.log.dirs': '*' }],
  ['1', { 'cordoned.log.dirs': '' }],
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
  ['', { 'log.retention.ms': '0' }, 'log.retention.ms: must be at least 1, or -1 for ever'],
  ['', { 'log.cleaner.threads': '0' }, 'log.cleaner.threads: must be at least 1'],
  ['1', { 'sasl.enabled.mechanisms': 'PLAIN,,GSSAPI' }, 'must be a list without empty elements'],
  ['1', { 'sasl.kerberos.principal.to.local.rules': 'a,,b' }, 'must be a list without empty elements'],
  ['1', { 'ssl.cipher.suites': 'a,,b' }, 'must be a list without empty elements'],
  ['1', { 'ssl.enabled.protocols': 'TLSv1.3,,TLSv1.2' }, 'must be a list without empty elements'],
  ['1', { 'cordoned.log.dirs': 'a,,b' }, 'must be a list without empty elements'],
  ['', { 'log.roll.ms': '0' }, 'log.roll.ms: must be at least 1'],
  ['', { 'log.roll.jitter.ms': '-1' }, 'log.roll.jitter.ms: must be at least 0'],
  [
    '',
    { 'log.cleaner.dedupe.buffer.size': '1048576' },
    'must be more than 1048576 for each of log.cleaner.threads (1)',
  ],
  ['', { 'log.cleaner.threads': '2', 'log.cleaner.dedupe.buffer.size': '2097153' }, 'log.cleaner.threads (2)'],
  ['', { 'max.connection.creation.rate': '0' }, 'must be at least 1'],
  ['1', { 'listener.name.a.max.connection.creation.rate': '0' }, 'must be at least 1'],
  ['1', { 'listener.name.a.num.network.threads': '100' }, 'from half to double the present value, 3'],
  ['', { 'max.connections': '0' }, 'max.connections: must be at least 1'],
  ['1', { 'listener.name.plaintext.max.connections': '0' }, 'max.connections: must be at least 1'],
  ['', { 'max.connections.per.ip': '0' }, 'at least 1 as long as max.connections.per.ip.overrides is empty'],
  ['', { 'group.share.assignment.interval.ms': '15001' }, 'at most group.share.max.assignment.interval.ms, 15000'],
  ['1', { 'log.remote.copy.lag.ms': '360000001' }, 'at most log.local.retention.ms, 360000000'],
  [
    '1',
    { 'log.local.retention.bytes': '10', 'log.remote.copy.lag.bytes': '11' },
    'log.remote.copy.lag.bytes: must be at most log.local.retention.bytes, 10',
  ],
  ['1', { 'remote.log.reader.threads': '4' }, 'from half to double the present value, 10'],
  ['', { 'ssl.keystore.location': '/x' }, 'with the prefix listener.name.LISTENER.: ssl.keystore.location'],
  ['', { 'sasl.jaas.config': 'x' }, 'name a broker: sasl.jaas.config'],
  ['', { 'listener.name.a.sasl.enabled.mechanisms': 'PLAIN' }, 'name a broker: listener.name.a.sasl.enabled'],
  ['1', { 'ssl.keystore.location': '/x' }, 'with the prefix listener.name.LISTENER.: ssl.keystore.location'],
  ['', { 'listener.name.a.ssl.keystore.location': '/x' }, 'name a broker: listener.name.a.ssl.keystore.location'],
  ['', { 'cordoned.log.dirs': '' }, 'name a broker: cordoned.log.dirs'],
  ['1', { 'cordoned.log.dirs': '/nope' }, 'a list of what log.dirs has (/a,/b), or *, and /nope is not among it'],
  ['1', { 'cordoned.log.dirs': '/a/' }, '/a/ is not among it'],
  ['1', { 'cordoned.log.dirs': '*,/a' }, 'must be * alone, or a list of directories'],
  ['1', { 'cordoned.log.dirs': '/a, /a' }, 'must be a list that names each directory once'],
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

test('a number of threads that was set goes back in steps too', () => {
  const one: BrokerLayers = { ...layers, dynamic: new Map([['num.network.threads', '1']]) }
  expect(checkBrokerConfigs(NO_CONFIGS, false, one)).toEqual({
    error: 'INVALID_REQUEST',
    message: expect.stringContaining(
      'Invalid value 3 for configuration num.network.threads: must be from half to double',
    ),
  })
  const two: BrokerLayers = { ...layers, dynamic: new Map([['num.network.threads', '2']]) }
  expect(checkBrokerConfigs(NO_CONFIGS, false, two)).toBeNull()
})
