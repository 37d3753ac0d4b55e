import { parseConnectionOverrides } from './connection-overrides.ts'
import { type BrokerLayers, brokerValue, ConfigReader, listenerValue } from './layers.ts'

/** Bounds on what clients may take of the broker; docs/limits.md has them all, with what happens past each. */
export interface LimitSettings {
  readonly socketRequestMaxBytes: number
  readonly queuedRequestBytesMax: number
  /** queued.max.requests: Produce requests of one connection that may be under way together. */
  readonly queuedRequestsMax: number
  /** odradek.max.connection.request.bytes */
  readonly connectionRequestBytesMax: number
  /** odradek.max.connection.unsent.bytes */
  readonly connectionUnsentBytesMax: number
  /** odradek.max.unsent.bytes, over all connections */
  readonly unsentBytesMax: number
  /** odradek.slow.reader.timeout.ms */
  readonly slowReaderTimeoutMs: number
  /** odradek.frame.timeout.ms */
  readonly frameTimeoutMs: number
  /** odradek.tls.handshake.timeout.ms */
  readonly tlsHandshakeTimeoutMs: number
  readonly connectionsMaxIdleMs: number
  /** max.connections; 10,000 unless set */
  readonly maxConnections: number
  /** max.connections.per.ip; 2,000 unless set */
  readonly maxConnectionsPerIp: number
  /** max.connections.per.ip.overrides, by host as it stands there */
  readonly maxConnectionsPerIpOverrides: ReadonlyMap<string, number>
  /** listener.name.NAME.max.connections */
  readonly maxConnectionsOfListener: (name: string) => number
  /** odradek.max.logins: connections that have not logged in yet */
  readonly loginsMax: number
  /** odradek.max.logins.per.ip */
  readonly loginsPerIpMax: number
  /** odradek.login.timeout.ms */
  readonly loginTimeoutMs: number
  /** odradek.max.request.elements */
  readonly requestElementsMax: number
  /** odradek.max.response.bytes */
  readonly responseBytesMax: number
  /** odradek.max.fetch.session.partitions, of one node */
  readonly fetchSessionPartitionsMax: number
  /** odradek.max.metadata.text.bytes */
  readonly metadataTextBytesMax: number
  /** odradek.max.acls */
  readonly aclsMax: number
  /** odradek.max.client.quotas: entities */
  readonly clientQuotasMax: number
  /** odradek.max.client.metrics.subscriptions */
  readonly subscriptionsMax: number
  /** odradek.max.configured.groups */
  readonly configuredGroupsMax: number
  /** odradek.max.delegation.token.bytes */
  readonly delegationTokenBytesMax: number
  /** odradek.max.delegation.tokens */
  readonly delegationTokensMax: number
  /** odradek.max.delegation.tokens.per.requester */
  readonly delegationTokensPerRequesterMax: number
  /** odradek.max.groups, over all coordinators */
  readonly groupsMax: number
  /** odradek.max.group.bytes, over all coordinators */
  readonly groupBytesMax: number
  /** odradek.max.committed.offsets, over all coordinators */
  readonly offsetsMax: number
  /** odradek.max.pending.members, of one group */
  readonly pendingMembersMax: number
  /** odradek.max.transactional.ids, over all coordinators */
  readonly transactionalIdsMax: number
}

export function buildLimitSettings(layers: BrokerLayers): LimitSettings {
  const read = new ConfigReader((name) => brokerValue(layers, name))
  const queuedBytes = read.number('queued.max.request.bytes')
  const overrides = brokerValue(layers, 'max.connections.per.ip.overrides')
  return {
    socketRequestMaxBytes: read.number('socket.request.max.bytes'),
    queuedRequestBytesMax: queuedBytes > 0 ? queuedBytes : Number.POSITIVE_INFINITY,
    queuedRequestsMax: read.number('queued.max.requests'),
    connectionRequestBytesMax: read.number('odradek.max.connection.request.bytes'),
    connectionUnsentBytesMax: read.number('odradek.max.connection.unsent.bytes'),
    unsentBytesMax: read.number('odradek.max.unsent.bytes'),
    slowReaderTimeoutMs: read.number('odradek.slow.reader.timeout.ms'),
    frameTimeoutMs: read.number('odradek.frame.timeout.ms'),
    tlsHandshakeTimeoutMs: read.number('odradek.tls.handshake.timeout.ms'),
    connectionsMaxIdleMs: orUnbounded(read.number('connections.max.idle.ms')),
    maxConnections: read.number('max.connections'),
    maxConnectionsPerIp: read.number('max.connections.per.ip'),
    maxConnectionsPerIpOverrides: parseConnectionOverrides(String(overrides)) ?? new Map(),
    maxConnectionsOfListener: (name) => listenerLimit(layers, name),
    loginsMax: read.number('odradek.max.logins'),
    loginsPerIpMax: read.number('odradek.max.logins.per.ip'),
    loginTimeoutMs: read.number('odradek.login.timeout.ms'),
    requestElementsMax: read.number('odradek.max.request.elements'),
    fetchSessionPartitionsMax: read.number('odradek.max.fetch.session.partitions'),
    responseBytesMax: read.number('odradek.max.response.bytes'),
    metadataTextBytesMax: read.number('odradek.max.metadata.text.bytes'),
    aclsMax: read.number('odradek.max.acls'),
    clientQuotasMax: read.number('odradek.max.client.quotas'),
    subscriptionsMax: read.number('odradek.max.client.metrics.subscriptions'),
    configuredGroupsMax: read.number('odradek.max.configured.groups'),
    delegationTokenBytesMax: read.number('odradek.max.delegation.token.bytes'),
    delegationTokensMax: read.number('odradek.max.delegation.tokens'),
    delegationTokensPerRequesterMax: read.number('odradek.max.delegation.tokens.per.requester'),
    groupBytesMax: read.number('odradek.max.group.bytes'),
    groupsMax: read.number('odradek.max.groups'),
    offsetsMax: read.number('odradek.max.committed.offsets'),
    pendingMembersMax: read.number('odradek.max.pending.members'),
    transactionalIdsMax: read.number('odradek.max.transactional.ids'),
  }
}

/** A listener without a number of its own is bounded by that of the whole broker alone. */
function listenerLimit(layers: BrokerLayers, listener: string): number {
  const value = listenerValue(layers, listener, 'max.connections')
  return typeof value === 'number' ? value : Number.POSITIVE_INFINITY
}

/** Kafka takes a negative idle time for "never". */
function orUnbounded(ms: number): number {
  return ms < 0 ? Number.POSITIVE_INFINITY : ms
}
