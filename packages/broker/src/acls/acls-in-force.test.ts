import { SeededPrng, SystemClock, silentLogger } from '@odradek/core'
import { MemoryFs } from '@odradek/log'
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  type Admin,
  Kafka,
  logLevel,
  ResourcePatternTypes,
} from 'kafkajs'
import { type Broker, createBroker } from '../broker.ts'
import { resolveBrokerConfig } from '../config/resolve-broker-config.ts'

const MEMORY_LOG_BYTES = 1_073_741_824

const READ_SHARED = {
  resourceType: AclResourceTypes.TOPIC,
  resourceName: 'shared',
  resourcePatternType: ResourcePatternTypes.LITERAL,
  principal: 'User:ANONYMOUS',
  host: '*',
  operation: AclOperationTypes.READ,
  permissionType: AclPermissionTypes.ALLOW,
}

let broker: Broker | null = null
let admin: Admin | null = null

afterEach(async () => {
  await admin?.disconnect()
  await broker?.stop()
})

/** A stock client of a broker over `fs` with these settings; what ran before it has ended. */
async function start(fs: MemoryFs, superUsers: string): Promise<{ kafka: Kafka; admin: Admin }> {
  await admin?.disconnect()
  await broker?.stop()
  const entries = {
    listeners: 'PLAINTEXT://localhost:0',
    'log.dirs': 'data',
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': superUsers,
  }
  broker = createBroker({
    config: resolveBrokerConfig(new Map(Object.entries(entries)), MEMORY_LOG_BYTES),
    fs,
    clock: new SystemClock(),
    prng: new SeededPrng(1),
    logger: silentLogger,
    softwareVersion: 'test',
  })
  const { nodes } = await broker.start()
  const kafka = new Kafka({
    brokers: [`localhost:${nodes[0]?.listeners[0]?.port}`],
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
  })
  admin = kafka.admin()
  await admin.connect()
  return { kafka, admin }
}

test('ACLs that a super user made hold for the others, after a restart too', async () => {
  const fs = new MemoryFs()
  const before = await start(fs, 'User:ANONYMOUS')
  await before.admin.createTopics({ topics: [{ topic: 'shared' }, { topic: 'secret' }] })
  await before.admin.createAcls({ acl: [READ_SHARED] })

  const after = await start(fs, 'User:root')
  expect(await after.admin.listTopics()).toEqual(['shared'])
  await expect(after.admin.createAcls({ acl: [READ_SHARED] })).rejects.toThrow()
  await expect(after.admin.createTopics({ topics: [{ topic: 'mine' }] })).rejects.toThrow()
  await expect(after.admin.fetchTopicOffsets('secret')).rejects.toThrow(/[Aa]uthorized/)
  const producer = after.kafka.producer()
  await producer.connect()
  await expect(producer.send({ topic: 'shared', messages: [{ value: 'x' }] })).rejects.toThrow(/[Aa]uthorized/)
  await producer.disconnect()
})
