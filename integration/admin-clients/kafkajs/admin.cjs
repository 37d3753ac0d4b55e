'use strict'
// Each function of kafkajs' admin client once.
const {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ConfigResourceTypes,
  Kafka,
  logLevel,
  ResourcePatternTypes,
} = require('kafkajs')

const kafka = new Kafka({ brokers: [process.argv[2]], logLevel: logLevel.NOTHING })
const admin = kafka.admin()
const topic = 'kafkajs-admin'
const groupId = 'kafkajs-group'
const acl = {
  resourceType: AclResourceTypes.TOPIC,
  resourceName: topic,
  resourcePatternType: ResourcePatternTypes.LITERAL,
  principal: 'User:ann',
  host: '*',
  operation: AclOperationTypes.READ,
  permissionType: AclPermissionTypes.ALLOW,
}

const CALLS = [
  ['createTopics', () => admin.createTopics({ topics: [{ topic, numPartitions: 2 }] })],
  ['createPartitions', () => admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] }).then(() => 'made')],
  ['listTopics', async () => (await admin.listTopics()).includes(topic)],
  ['fetchTopicMetadata', async () => (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0].partitions.length],
  ['produce', produce],
  [
    'fetchTopicOffsets',
    async () =>
      (await admin.fetchTopicOffsets(topic))
        .map(({ high }) => high)
        .sort()
        .join(),
  ],
  ['fetchTopicOffsetsByTimestamp', async () => (await admin.fetchTopicOffsetsByTimestamp(topic, 0)).length],
  [
    'setOffsets',
    () => admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: '2' }] }).then(() => 'set'),
  ],
  [
    'fetchOffsets',
    async () =>
      (await admin.fetchOffsets({ groupId, topics: [topic] }))[0].partitions
        .map(({ offset }) => offset)
        .sort()
        .join(),
  ],
  ['resetOffsets', () => admin.resetOffsets({ groupId, topic, earliest: true }).then(() => 'reset')],
  ['listGroups', async () => (await admin.listGroups()).groups.some((group) => group.groupId === groupId)],
  ['describeGroups', async () => (await admin.describeGroups([groupId])).groups[0].state],
  [
    'deleteTopicRecords',
    () => admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '1' }] }).then(() => 'deleted'),
  ],
  ['deleteGroups', async () => (await admin.deleteGroups([groupId]))[0].errorCode],
  ['describeCluster', async () => (await admin.describeCluster()).brokers.length],
  [
    'alterConfigs',
    async () =>
      (
        await admin.alterConfigs({
          validateOnly: false,
          resources: [
            { type: ConfigResourceTypes.TOPIC, name: topic, configEntries: [{ name: 'retention.ms', value: '5' }] },
          ],
        })
      ).resources[0].errorCode,
  ],
  [
    'describeConfigs',
    async () =>
      (
        await admin.describeConfigs({
          includeSynonyms: true,
          resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: ['retention.ms'] }],
        })
      ).resources[0].configEntries[0].configValue,
  ],
  ['createAcls', () => admin.createAcls({ acl: [acl] })],
  ['describeAcls', async () => (await admin.describeAcls(acl)).resources[0].acls[0].principal],
  ['deleteAcls', async () => (await admin.deleteAcls({ filters: [acl] })).filterResponses[0].matchingAcls.length],
  [
    'alterPartitionReassignments',
    () =>
      admin
        .alterPartitionReassignments({ topics: [{ topic, partitionAssignment: [{ partition: 0, replicas: [1] }] }] })
        .then(() => 'done'),
  ],
  ['listPartitionReassignments', async () => (await admin.listPartitionReassignments({})).topics.length],
  ['deleteTopics', () => admin.deleteTopics({ topics: [topic] }).then(() => 'deleted')],
]

async function produce() {
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic, messages: [1, 2, 3].map((value) => ({ value: String(value), partition: 0 })) })
  await producer.disconnect()
  return 'sent'
}

async function main() {
  await admin.connect()
  for (const [name, call] of CALLS) {
    const result = await call().catch((error) => `${error.name}: ${error.message}`)
    console.log(`${name}: ${result}`)
  }
  await admin.disconnect()
}

void main()
