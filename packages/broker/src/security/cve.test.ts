import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { producerId } from '@odradek/core'
import {
  AlterConfigs,
  DescribeConfigs,
  ErrorCode,
  IncrementalAlterConfigs,
  Metadata,
  Produce,
  type ProduceRequestInput,
} from '@odradek/protocol'
import { Reader } from '@odradek/protocol/wire'
import { DataFixture } from '../data-fixture.ts'
import { batchOf } from '../data-requests.ts'
import { requestFrame } from '../harness.ts'
import { sameSecret } from './constant-time.ts'
import { plainClient, type SecureBroker, startSecure, stopSecure } from './secure-broker-fixture.ts'

// What was found in Kafka, and in what it is made of, tried here; docs/security.md has the list and where the rest is.

const BROKER = 4
const TOPIC = 2
const SET = 0

afterEach(stopSecure)

/** A transactional batch, as a client without the right to any transaction might make one. */
const transactional = () =>
  batchOf(['x'], { producerId: producerId(7n), producerEpoch: 0, baseSequence: 0, isTransactional: true })

describe('CVE-2018-17196: a crafted Produce does not get round the right to a transactional id', () => {
  const mayAllButTransactions = {
    authorize: (_principal: string, _host: string, _operation: string, resource: string) =>
      resource !== 'TRANSACTIONAL_ID',
  }
  const request = (rows: readonly Uint8Array[], transactionalId: string | null): ProduceRequestInput => ({
    transactionalId,
    acks: 1,
    timeoutMs: 1000,
    topicData: [{ name: 't', partitionData: rows.map((records, index) => ({ index, records })) }],
  })

  test.each([
    ['in the first partition', [transactional(), batchOf(['a'])], 'tx'],
    ['in the last one, behind plain batches', [batchOf(['a']), batchOf(['b']), transactional()], 'tx'],
    ['without a transactional id', [batchOf(['a']), transactional()], null],
  ])('a transactional batch %s: nothing of the request is stored', async (_, rows, transactionalId) => {
    const fixture = new DataFixture()
    await fixture.createTopic('t', { partitions: 3 })
    const client = fixture.client(1, { authorizer: mayAllButTransactions })
    for (const version of [3, 9]) {
      const answer = await fixture.settle(client.send(Produce, version, request(rows, transactionalId)))
      const codes = answer?.responses[0]?.partitionResponses.map(({ errorCode }) => errorCode)
      expect(codes).toEqual(rows.map(() => ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED))
    }
    const topic = fixture.cluster.topic('t')
    if (topic === undefined) throw new Error('no topic')
    expect(rows.map((_row, index) => fixture.partitions.find(topic, index)?.log.endOffset)).toEqual(rows.map(() => 0))
  })

  test('a transactional batch behind a plain one in the same partition: the two are refused', async () => {
    const fixture = new DataFixture()
    await fixture.createTopic('t', { partitions: 1 })
    const client = fixture.client(1, { authorizer: mayAllButTransactions })
    const both = Buffer.concat([batchOf(['a']), transactional()])
    const answer = await fixture.settle(client.send(Produce, 9, request([both], null)))
    expect(answer?.responses[0]?.partitionResponses[0]?.errorCode).toBe(ErrorCode.INVALID_RECORD)
  })
})

test('CVE-2026-35554: a batch whose checksum is not that of its bytes is not appended', async () => {
  const fixture = new DataFixture()
  await fixture.createTopic('t', { partitions: 1 })
  const batch = Buffer.from(batchOf(['value']))
  batch[batch.length - 1] = (batch[batch.length - 1] ?? 0) ^ 1
  const topicData = [{ name: 't', partitionData: [{ index: 0, records: batch }] }]
  const request = { transactionalId: null, acks: 1, timeoutMs: 1000, topicData }
  const answer = await fixture.settle(fixture.client().send(Produce, 9, request))
  expect(answer?.responses[0]?.partitionResponses[0]?.errorCode).toBe(ErrorCode.CORRUPT_MESSAGE)
})

describe('CVE-2021-38153: secrets are compared in a time that does not depend on them', () => {
  test('whatever their lengths', () => {
    const secret = Buffer.from('a secret')
    expect(sameSecret(secret, Buffer.from('a secret'))).toBe(true)
    for (const other of ['a secreT', 'a secret ', '', 'a']) expect(sameSecret(secret, Buffer.from(other))).toBe(false)
  })

  test('everywhere that a client proves what he knows', () => {
    const directory = join(__dirname, 'sasl')
    const exchanges = readdirSync(directory).filter((name) => /^(plain|scram)-exchange\.ts$/.test(name))
    expect(exchanges).toHaveLength(2)
    for (const name of exchanges) {
      expect(readFileSync(join(directory, name), 'utf8')).toContain('sameSecret(')
    }
  })
})

describe('what comes over the network is a text, and nothing else', () => {
  const adminOf = ({ ports }: SecureBroker) => plainClient(ports['PLAINTEXT'] ?? 0)

  async function set(broker: SecureBroker, type: number, resourceName: string, name: string, value: string) {
    const admin = await adminOf(broker)
    const resources = [{ resourceType: type, resourceName, configs: [{ name, configOperation: SET, value }] }]
    admin.send(requestFrame(IncrementalAlterConfigs, 0, { resources, validateOnly: false }))
    const answer = IncrementalAlterConfigs.response.read(new Reader(await admin.takeOne(), 4), 0)
    return answer.responses[0]?.errorCode
  }

  const JNDI = 'com.sun.security.auth.module.JndiLoginModule required user.provider.url="ldap://127.0.0.1:1/x";'

  test.each([
    ['CVE-2023-25194', 'listener.name.plaintext.scram-sha-256.sasl.jaas.config', JNDI],
    ['CVE-2025-27818', 'listener.name.plaintext.plain.sasl.jaas.config', JNDI.replace('Jndi', 'Ldap')],
    ['CVE-2025-27819', 'sasl.jaas.config', JNDI],
  ])('%s: no login module is loaded by AlterConfigs of %s', async (_, name, value) => {
    const broker = await startSecure({})
    await set(broker, BROKER, '1', name, value)
    // Taken or refused, it is never more than a text: the broker serves on, and nobody was called.
    const client = await adminOf(broker)
    client.send(requestFrame(Metadata, 1, { topics: [] }))
    expect((await client.takeOne()).length).toBeGreaterThan(0)
    expect(broker.log.join('\n')).not.toContain('JndiLoginModule required')
  })

  test.each([
    'sasl.login.callback.handler.class',
    'sasl.server.callback.handler.class',
    'principal.builder.class',
    'metric.reporters',
    'ssl.engine.factory.class',
  ])('CVE-2023-25194: %s cannot be set to a class', async (name) => {
    const broker = await startSecure({})
    expect(await set(broker, BROKER, '1', name, 'com.example.Evil')).toBe(ErrorCode.INVALID_REQUEST)
  })

  test.each([
    ['file', '$' + '{file:/etc/passwd:root}'],
    ['env', '$' + '{env:PATH}'],
    ['directory', '$' + '{directory:/etc:passwd}'],
  ])('CVE-2024-31141: a value that names a provider (%s) is shown as it was sent', async (_, value) => {
    const broker = await startSecure({ 'odradek.topics': 't:1' })
    const admin = await adminOf(broker)
    const configs = [{ name: 'follower.replication.throttled.replicas', value }]
    admin.send(
      requestFrame(AlterConfigs, 0, {
        resources: [{ resourceType: TOPIC, resourceName: 't', configs }],
        validateOnly: false,
      }),
    )
    await admin.takeOne()
    const keys = ['retention.ms', 'follower.replication.throttled.replicas']
    const resources = [{ resourceType: TOPIC, resourceName: 't', configurationKeys: keys }]
    admin.send(requestFrame(DescribeConfigs, 1, { resources, includeSynonyms: false }))
    const shown = (await admin.takeOne()).toString('latin1')
    expect(shown).not.toContain('root:')
    expect(shown).not.toContain(process.env['PATH'] ?? '/usr/bin')
    expect(await set(broker, TOPIC, 't', 'retention.ms', value)).toBe(ErrorCode.INVALID_CONFIG)
  })

  test.each(['sasl.oauthbearer.jwks.endpoint.url', 'sasl.oauthbearer.token.endpoint.url'])(
    'CVE-2025-27817: %s cannot be set over the network',
    async (name) => {
      const broker = await startSecure({})
      for (const value of ['http://169.254.169.254/', 'file:///etc/passwd'])
        expect(await set(broker, BROKER, '1', name, value)).toBe(ErrorCode.INVALID_REQUEST)
    },
  )

  test('CVE-2021-44228: what looks like a lookup is written to the log as it came', async () => {
    const broker = await startSecure({})
    const client = await adminOf(broker)
    const lookup = '$' + '{jndi:ldap://127.0.0.1:1/x}'
    // Refused, and told of, with the client's own words in it.
    client.send(requestFrame(Metadata, 1, { topics: [{ name: lookup }] }, lookup))
    await client.takeOne()
    expect(
      await set(broker, BROKER, '1', 'listener.name.plaintext.ssl.keystore.location', `/nowhere/${lookup}`),
    ).toBeDefined()
    expect(broker.log.join('\n')).not.toContain('Error: ')
  })
})
