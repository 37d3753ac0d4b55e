import { listenerBaseKey } from './broker-configs.ts'
import { topicConfigs } from './definitions/topic-configs.ts'

/** Topic configs that are kept and shown, but that nothing here follows. */
const TOPIC_CONFIGS_WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  'errors.deadletterqueue.group.enable',
  'follower.replication.throttled.replicas',
  'leader.replication.throttled.replicas',
  'local.retention.bytes',
  'local.retention.ms',
  'preallocate',
  'remote.copy.lag.bytes',
  'remote.copy.lag.ms',
  'remote.log.copy.disable',
  'remote.log.delete.on.disable',
  'remote.storage.enable',
  'unclean.leader.election.enable',
])

const BROKER_KEYS: readonly string[] = [
  'add.partitions.to.txn.retry.backoff.max.ms',
  'add.partitions.to.txn.retry.backoff.ms',
  'advertised.listeners',
  'authorizer.class.name',
  'auto.create.topics.enable',
  'auto.leader.rebalance.enable',
  'broker.id',
  'broker.rack',
  'connections.max.idle.ms',
  'controller.listener.names',
  'controller.quota.window.num',
  'controller.quota.window.size.seconds',
  'cordoned.log.dirs',
  'default.replication.factor',
  'delegation.token.expiry.check.interval.ms',
  'delegation.token.expiry.time.ms',
  'delegation.token.max.lifetime.ms',
  'delegation.token.secret.key',
  'delete.topic.enable',
  'fetch.max.bytes',
  'group.initial.rebalance.delay.ms',
  'group.max.session.timeout.ms',
  'group.max.size',
  'group.min.session.timeout.ms',
  'leader.imbalance.check.interval.seconds',
  'listener.security.protocol.map',
  'listeners',
  'log.cleaner.backoff.ms',
  'log.cleaner.dedupe.buffer.size',
  'log.cleaner.enable',
  'log.cleaner.io.max.bytes.per.second',
  'log.dir',
  'log.dirs',
  'log.initial.task.delay.ms',
  'log.retention.check.interval.ms',
  'max.connection.creation.rate',
  'max.connections',
  'max.connections.per.ip',
  'max.connections.per.ip.overrides',
  'max.incremental.fetch.session.cache.slots',
  'max.request.partition.size.limit',
  'metadata.log.dir',
  'metadata.log.max.record.bytes.between.snapshots',
  'metadata.log.max.snapshot.interval.ms',
  'metadata.log.segment.bytes',
  'metadata.max.retention.bytes',
  'metadata.max.retention.ms',
  'node.id',
  'num.partitions',
  'offset.metadata.max.bytes',
  'offsets.retention.minutes',
  'offsets.topic.num.partitions',
  'offsets.topic.replication.factor',
  'offsets.topic.segment.bytes',
  'principal.builder.class',
  'process.roles',
  'producer.id.expiration.ms',
  'queued.max.request.bytes',
  'queued.max.requests',
  'quota.window.num',
  'quota.window.size.seconds',
  'replica.alter.log.dirs.io.max.bytes.per.second',
  'replica.selector.class',
  'socket.request.max.bytes',
  'connection.failed.authentication.delay.ms',
  'connections.max.reauth.ms',
  'sasl.enabled.mechanisms',
  'sasl.jaas.config',
  'sasl.oauthbearer.allow.unverified.audience',
  'sasl.oauthbearer.allow.unverified.issuer',
  'sasl.oauthbearer.clock.skew.seconds',
  'sasl.oauthbearer.expected.audience',
  'sasl.oauthbearer.expected.issuer',
  'sasl.oauthbearer.jwks.endpoint.refresh.ms',
  'sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms',
  'sasl.oauthbearer.jwks.endpoint.url',
  'sasl.oauthbearer.scope.claim.name',
  'sasl.oauthbearer.sub.claim.name',
  'sasl.server.max.receive.size',
  'ssl.cipher.suites',
  'ssl.client.auth',
  'ssl.enabled.protocols',
  'ssl.key.password',
  'ssl.keystore.certificate.chain',
  'ssl.keystore.key',
  'ssl.keystore.location',
  'ssl.keystore.password',
  'ssl.keystore.type',
  'ssl.principal.mapping.rules',
  'ssl.truststore.certificates',
  'ssl.truststore.location',
  'ssl.truststore.password',
  'ssl.truststore.type',
  'transaction.abort.timed.out.transaction.cleanup.interval.ms',
  'transaction.max.timeout.ms',
  'transaction.partition.verification.enable',
  'transaction.remove.expired.transaction.cleanup.interval.ms',
  'transaction.state.log.min.isr',
  'transaction.state.log.num.partitions',
  'transaction.state.log.replication.factor',
  'transaction.state.log.segment.bytes',
  'transactional.id.expiration.ms',
]

const effectiveBrokerKeys: ReadonlySet<string> = new Set([
  ...BROKER_KEYS,
  ...Array.from(topicConfigs.values())
    .filter(({ name }) => hasTopicEffect(name))
    .flatMap(({ brokerKeys }) => brokerKeys),
])

/** Whether setting a topic config changes anything here. */
export function hasTopicEffect(name: string): boolean {
  return !TOPIC_CONFIGS_WITHOUT_EFFECT.has(name)
}

/** Keys that a listener may have for itself. */
const LISTENER_KEY =
  /^(ssl|sasl)\.|^(connections\.max\.reauth\.ms|max\.connection\.creation\.rate|max\.connections|principal\.builder\.class)$/

/** Whether setting a broker key changes anything here; all are accepted, checked and shown. */
export function hasEffect(brokerKey: string): boolean {
  const base = listenerBaseKey(brokerKey)
  if (base !== null) return LISTENER_KEY.test(base) && effectiveBrokerKeys.has(base)
  return brokerKey.startsWith('odradek.') || effectiveBrokerKeys.has(brokerKey)
}
