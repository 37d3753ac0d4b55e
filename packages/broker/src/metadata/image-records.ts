import { nodeId } from '@odradek/core'
import { encodeMetadataRecord, PartitionRecord, RegisterBrokerRecord } from '@odradek/protocol/records'
import { aclRecord } from '../acls/acl-records.ts'
import type { PartitionView, TopicView } from '../cluster-view.ts'
import { delegationTokenRecord } from '../delegation-tokens/delegation-token-records.ts'
import { scramRecord } from '../security/scram-credentials.ts'
import type { MetadataImage } from './metadata-image.ts'
import {
  clientQuotaRecord,
  configRecord,
  featureLevelRecord,
  type MetadataRecord,
  producerIdsRecord,
  topicRecord,
} from './metadata-records.ts'

/** Of ids that no node is known to have been given. */
const NOBODY = nodeId(-1)

/**
 * The records that make an empty image what this one is at the moment of the call, however it changes while they are taken:
 * what an image hands out is replaced, never changed.
 */
export function recordsOfImage(image: MetadataImage): Iterable<MetadataRecord> {
  const features = [...image.features().levels]
  const nodes = [...image.allRegistered()]
  const topics = [...image.topics()]
  const configs = image.allConfigs()
  const quotas = [...image.clientQuotas.all()]
  const { nextProducerId } = image
  const acls = image.acls.all()
  const credentials = image.scramCredentials.all()
  const tokens = [...image.delegationTokens.all()]
  return (function* () {
    for (const [name, level] of features) yield featureLevelRecord(name, level)
    for (const { registration } of nodes) yield encodeMetadataRecord(RegisterBrokerRecord, 4, registration)
    for (const topic of topics) yield* recordsOfTopic(topic)
    for (const { type, name, configs: values } of configs)
      for (const [key, value] of values) yield configRecord(type, name, key, value)
    for (const { entity, values } of quotas)
      for (const [key, value] of values) yield clientQuotaRecord(entity, key, value)
    if (nextProducerId > 0n) yield producerIdsRecord(NOBODY, -1n, nextProducerId)
    for (const [id, acl] of acls) yield aclRecord(id, acl)
    for (const credential of credentials) yield scramRecord(credential)
    for (const token of tokens) yield delegationTokenRecord(token)
  })()
}

function* recordsOfTopic(topic: TopicView): Generator<MetadataRecord, void, void> {
  yield topicRecord(topic.name, topic.id)
  for (const partition of topic.partitions) yield partitionRecord(topic, partition)
}

/** As it is, unlike that of a new one. */
function partitionRecord(topic: TopicView, partition: PartitionView): MetadataRecord {
  const { directoryId, eligible, reassignment, replicas } = partition
  return encodeMetadataRecord(PartitionRecord, 2, {
    partitionId: partition.index,
    topicId: topic.id,
    replicas,
    isr: partition.inSyncReplicas,
    addingReplicas: reassignment?.adding ?? [],
    removingReplicas: reassignment?.removing ?? [],
    leader: partition.leader,
    leaderEpoch: partition.leaderEpoch,
    partitionEpoch: partition.partitionEpoch,
    directories: directoryId === undefined ? [] : replicas.map(() => directoryId),
    eligibleLeaderReplicas: eligible?.replicas ?? null,
    lastKnownElr: eligible?.lastKnown ?? null,
  })
}
