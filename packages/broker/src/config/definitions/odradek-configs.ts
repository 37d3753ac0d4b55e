import type { BrokerConfigRow } from '../definition.ts'
import { atLeast, between, oneOf } from '../value-rules.ts'

/** A process is one event loop: more nodes than this only share it out thinner. */
const BROKERS_MAX = 100

/** One metric with more rows than this would hold up the clients while it is written. */
const METRIC_ROWS_MAX = 50_000

/** Keys that only this broker has. */
export const odradekConfigs: readonly BrokerConfigRow[] = [
  ['odradek.acls', 'BOOLEAN', 'false', null, 'MEDIUM', 'read-only'],
  ['odradek.brokers', 'INT', '1', between(1, BROKERS_MAX), 'MEDIUM', 'read-only'],
  ['odradek.ephemeral', 'BOOLEAN', 'false', null, 'HIGH', 'read-only'],
  ['odradek.features', 'LIST', '', null, 'LOW', 'read-only'],
  ['odradek.file.permissions', 'STRING', 'warn', oneOf('ignore', 'refuse', 'warn'), 'LOW', 'read-only'],
  ['odradek.flush', 'STRING', 'device', oneOf('device', 'os'), 'HIGH', 'read-only'],
  ['odradek.frame.timeout.ms', 'INT', '30000', atLeast(1), 'LOW', 'read-only'],
  ['odradek.http.listener', 'STRING', '', null, 'MEDIUM', 'read-only'],
  ['odradek.insecure', 'BOOLEAN', 'false', null, 'HIGH', 'read-only'],
  ['odradek.log.level', 'STRING', 'info', oneOf('debug', 'info', 'warn', 'error'), 'LOW', 'read-only'],
  ['odradek.login.timeout.ms', 'INT', '30000', atLeast(1), 'LOW', 'read-only'],
  ['odradek.max.acls', 'INT', '100000', atLeast(1), 'LOW', 'read-only'],
  ['odradek.max.client.metrics.subscriptions', 'INT', '1000', atLeast(1), 'LOW', 'read-only'],
  ['odradek.max.client.quotas', 'INT', '100000', atLeast(1), 'LOW', 'read-only'],
  ['odradek.max.configured.groups', 'INT', '50000', atLeast(1), 'LOW', 'read-only'],
  ['odradek.max.connection.request.bytes', 'INT', '104857600', atLeast(1), 'LOW', 'read-only'],
  ['odradek.max.connection.unsent.bytes', 'INT', '1048576', atLeast(1), 'LOW', 'read-only'],
  ['odradek.max.decompressed.message.bytes', 'INT', '134217728', between(1, 2_147_483_639), 'MEDIUM', 'read-only'],
  ['odradek.max.delegation.token.bytes', 'INT', '8388608', atLeast(1), 'LOW', 'read-only'],
  ['odradek.max.delegation.tokens', 'INT', '20000', atLeast(1), 'LOW', 'read-only'],
  ['odradek.max.delegation.tokens.per.requester', 'INT', '5000', atLeast(1), 'LOW', 'read-only'],
  ['odradek.max.fetch.session.partitions', 'INT', '1000000', atLeast(1), 'LOW', 'read-only'],
  ['odradek.max.group.bytes', 'LONG', '268435456', atLeast(1), 'LOW', 'read-only'],
  ['odradek.max.groups', 'INT', '50000', atLeast(1), 'LOW', 'read-only'],
  ['odradek.max.logins', 'INT', '2000', atLeast(1), 'LOW', 'read-only'],
  ['odradek.max.logins.per.ip', 'INT', '500', atLeast(1), 'LOW', 'read-only'],
  ['odradek.max.metadata.text.bytes', 'LONG', '134217728', atLeast(1), 'LOW', 'read-only'],
  ['odradek.max.partitions', 'INT', '100000', atLeast(1), 'MEDIUM', 'read-only'],
  ['odradek.max.pending.members', 'INT', '10000', atLeast(1), 'LOW', 'read-only'],
  ['odradek.max.producer.ids', 'INT', '100000', atLeast(1), 'LOW', 'read-only'],
  ['odradek.max.request.elements', 'INT', '2000000', atLeast(1), 'LOW', 'read-only'],
  ['odradek.max.response.bytes', 'INT', '104857600', atLeast(1024), 'LOW', 'read-only'],
  ['odradek.max.topics', 'INT', '50000', atLeast(1), 'MEDIUM', 'read-only'],
  ['odradek.max.transactional.ids', 'INT', '50000', atLeast(1), 'LOW', 'read-only'],
  ['odradek.max.unsent.bytes', 'LONG', '268435456', atLeast(1), 'LOW', 'read-only'],
  ['odradek.memory.log.bytes', 'LONG', null, atLeast(1_048_576), 'MEDIUM', 'read-only'],
  ['odradek.memory.log.full', 'STRING', 'refuse', oneOf('refuse', 'drop-oldest'), 'MEDIUM', 'read-only'],
  ['odradek.metrics.client.series.max', 'INT', '10000', between(0, METRIC_ROWS_MAX), 'LOW', 'read-only'],
  ['odradek.metrics.group.partitions.max', 'INT', '10000', between(0, METRIC_ROWS_MAX), 'LOW', 'read-only'],
  ['odradek.metrics.partitions.max', 'INT', '10000', between(0, METRIC_ROWS_MAX), 'LOW', 'read-only'],
  ['odradek.metrics.topics.max', 'INT', '1000', between(0, METRIC_ROWS_MAX), 'LOW', 'read-only'],
  ['odradek.oauthbearer.required.scope', 'LIST', '', null, 'MEDIUM', 'read-only'],
  ['odradek.oauthbearer.unsecured', 'BOOLEAN', 'false', null, 'MEDIUM', 'read-only'],
  ['odradek.plain.users.file', 'STRING', null, null, 'MEDIUM', 'read-only'],
  ['odradek.racks', 'LIST', '', null, 'LOW', 'read-only'],
  ['odradek.record.validation', 'STRING', 'batch', oneOf('batch', 'full'), 'MEDIUM', 'read-only'],
  ['odradek.replication.factor.clamp', 'BOOLEAN', 'false', null, 'LOW', 'read-only'],
  ['odradek.scram.users', 'PASSWORD', null, null, 'MEDIUM', 'read-only'],
  ['odradek.scram.users.file', 'STRING', null, null, 'MEDIUM', 'read-only'],
  ['odradek.slow.reader.timeout.ms', 'INT', '30000', atLeast(1), 'LOW', 'read-only'],
  ['odradek.tls.handshake.timeout.ms', 'INT', '10000', atLeast(1), 'LOW', 'read-only'],
  ['odradek.topics', 'LIST', '', null, 'LOW', 'read-only'],
]
