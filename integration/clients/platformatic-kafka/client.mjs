// @platformatic/kafka: promises and streams.
import { Admin, Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka'

const [bootstrap, name] = process.argv.slice(2)
const base = { clientId: 'matrix', bootstrapBrokers: [bootstrap], retries: 5, retryDelay: 100, autocreateTopics: false }
const admin = new Admin(base)
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
const READ_UNCOMMITTED = 0
const READ_COMMITTED = 1
const TOPIC_RESOURCE = 2
const SET = 0

async function step(step, body) {
  let result
  try {
    result = await body()
  } catch (error) {
    console.error(step, error)
    result = `failed: ${error.message}`
  }
  console.log(`${step}: ${result}`)
}

async function until(what, holds) {
  const end = Date.now() + 60_000
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`never: ${what}`)
    await new Promise((resume) => setTimeout(resume, 10))
  }
}

/** The broker's error is somewhere below what is thrown. */
function codeOf(error) {
  if (typeof error.apiCode === 'number') return error.apiCode
  return [...(error.errors ?? []), ...(error.cause ? [error.cause] : [])].map(codeOf).find((code) => code !== undefined)
}

async function code(call) {
  try {
    await call()
    return 'no error'
  } catch (error) {
    return codeOf(error) ?? error.message
  }
}

async function withProducer(options, body) {
  const producer = new Producer({ ...base, serializers: stringSerializers, ...options })
  try {
    return await body(producer)
  } finally {
    await producer.close()
  }
}

const send = (topic, messages, compression = 'none') =>
  withProducer({}, (producer) =>
    producer.send({ messages: messages.map((message) => ({ topic, ...message })), compression, acks: -1 }),
  )

const numbered = (prefix, count) =>
  Array.from({ length: count }, (_, at) => ({ key: `${prefix}-${at}`, value: `${prefix}-${at}` }))

/** A member of a group, which commits what it reads. */
async function member(groupId, topic, each, options = {}) {
  const consumer = new Consumer({ ...base, groupId, deserializers: stringDeserializers, ...options })
  const state = {
    consumer,
    rebalances: 0,
    get partitions() {
      return (consumer.assignments ?? []).flatMap(({ partitions }) => partitions)
    },
    stop: () => consumer.close(true),
  }
  consumer.on('consumer:group:join', () => {
    state.rebalances += 1
  })
  const stream = await consumer.consume({
    topics: [topic],
    mode: 'committed',
    fallbackMode: 'earliest',
    autocommit: true,
    sessionTimeout: 10_000,
    heartbeatInterval: 200,
    maxWaitTime: 200,
    isolationLevel: options.isolationLevel ?? READ_COMMITTED,
    ...options,
  })
  stream.on('data', each)
  stream.on('error', (error) => console.error(error))
  return state
}

/** Reads until `count` have come and then a little longer, so that one too many would show. */
async function consume(groupId, topic, count, each = () => {}, options = {}) {
  let read = 0
  const reader = await member(
    groupId,
    topic,
    (message) => {
      read += 1
      each(message)
    },
    options,
  )
  await until(`${count} are read`, () => read >= count && reader.partitions.length > 0)
  await new Promise((resume) => setTimeout(resume, 500))
  await reader.stop()
  return read
}

async function codecs() {
  for (const codec of CODECS) await send(name, numbered(codec, 20), codec)
  await send(name, [
    { value: 'null key' },
    { key: 'null value' },
    { key: 'large', value: 'x'.repeat(900_000) },
    { key: 'headers', value: 'v', headers: { a: '1', b: '2' } },
  ])
  const counts = {}
  const seen = {}
  await consume(name, name, 104, ({ key, value, headers }) => {
    if (value === 'null key') seen['null key'] = key === undefined || key === null ? 'read back' : `'${key}'`
    else if (key === 'null value')
      seen['null value'] = value === undefined || value === null ? 'read back' : `'${value}'`
    else if (key === 'large') seen['large value'] = `${/^x+$/.test(value) && value.length} bytes`
    else if (key === 'headers') seen.headers = [...headers].map(([k, v]) => `${k}=${v}`).join(' ')
    else if (key === value) counts[key.split('-')[0]] = (counts[key.split('-')[0]] ?? 0) + 1
  })
  for (const codec of CODECS) await step(codec, () => `${counts[codec]} read back`)
  for (const which of ['headers', 'null key', 'null value', 'large value']) await step(which, () => seen[which])
}

const shared = (members) => () =>
  members.every(({ partitions }) => partitions.length > 0) &&
  members.flatMap(({ partitions }) => partitions).length === 3

async function group() {
  const topic = `${name}-three`
  const counts = new Map()
  const members = await Promise.all(
    [0, 1, 2].map(() => member(topic, topic, ({ value }) => counts.set(value, (counts.get(value) ?? 0) + 1))),
  )
  const spread = async (prefix) => {
    await send(
      topic,
      numbered(prefix, 30).map((message, at) => ({ ...message, partition: at % 3 })),
    )
    await until('all are read', () => [...counts.keys()].filter((value) => value.startsWith(prefix)).length === 30)
    return [...counts.values()].every((count) => count === 1) ? '30 once each' : 'some twice'
  }
  await step('group of three', async () => {
    await until('each has one partition', shared(members))
    return spread('first')
  })
  await Promise.all(members.map(({ stop }) => stop()))
}

async function seekByTime() {
  const topic = `${name}-time`
  const consumer = new Consumer({ ...base, groupId: topic, deserializers: stringDeserializers })
  const [offset] = (await consumer.listOffsets({ topics: [topic], timestamp: 1_700_000_010_000n })).get(topic)
  const stream = await consumer.consume({
    topics: [topic],
    mode: 'manual',
    offsets: [{ topic, partition: 0, offset }],
    autocommit: false,
  })
  const { value } = await new Promise((resolve, reject) => stream.once('data', resolve).once('error', reject))
  await consumer.close(true)
  return `offset ${value === String(offset) ? offset : `${value} at ${offset}`}`
}

async function compacted() {
  const topic = `${name}-compacted`
  const read = await consume(topic, topic, 40)
  await send(topic, numbered('behind', 1))
  return `${read} read, ${await consume(topic, topic, 1)} behind the gap`
}

async function outOfRange() {
  const topic = `${name}-time`
  const consumer = new Consumer({ ...base, groupId: `${name}-range`, deserializers: stringDeserializers })
  const from = { mode: 'manual', fallbackMode: 'fail', offsets: [{ topic, partition: 0, offset: 1_000_000n }] }
  const stream = await consumer.consume({ topics: [topic], ...from, autocommit: false })
  const met = await code(() => new Promise((resolve, reject) => stream.once('data', resolve).once('error', reject)))
  await consumer.close(true).catch(() => {})
  return met
}

const transactional = (id, body) => withProducer({ transactionalId: `${name}-${id}`, idempotent: true }, body)

async function transactions() {
  const topic = `${name}-txn`
  const messages = (prefix) => numbered(prefix, 5).map((message) => ({ topic, ...message }))
  await transactional('id', async (producer) => {
    const yes = await producer.beginTransaction()
    await yes.send({ messages: messages('yes') })
    await yes.commit()
    const no = await producer.beginTransaction()
    await no.send({ messages: messages('no') })
    await no.abort()
  })
  let [committed, aborted] = [0, 0]
  await consume(`${name}-clean`, topic, 5, ({ key }) => (key.startsWith('yes') ? committed++ : aborted++))
  await step('transaction committed', () => `${committed} read`)
  await step('transaction aborted', () => `${aborted} read`)
  await step(
    'read uncommitted',
    async () => `${await consume(`${name}-dirty`, topic, 10, () => {}, { isolationLevel: READ_UNCOMMITTED })} read`,
  )
  await step('transaction offsets', transactionOffsets)
}

async function transactionOffsets() {
  const [groupId, topic] = [`${name}-offsets`, `${name}-time`]
  const consumer = new Consumer({ ...base, groupId, deserializers: stringDeserializers })
  const stream = await consumer.consume({
    topics: [topic],
    mode: 'committed',
    fallbackMode: 'earliest',
    autocommit: false,
  })
  const seventh = await new Promise((resolve, reject) =>
    stream.on('data', (message) => message.offset === 6n && resolve(message)).once('error', reject),
  )
  await transactional('offsets', async (producer) => {
    const transaction = await producer.beginTransaction()
    await transaction.addConsumer(consumer)
    await transaction.addOffset(seventh)
    await transaction.commit()
  })
  await consumer.close(true)
  const [offsets] = await admin.listConsumerGroupOffsets({ groups: [groupId], requireStable: true })
  return `committed ${offsets.topics[0].partitions[0].committedOffset}`
}

async function adminCalls() {
  const resource = { resourceType: TOPIC_RESOURCE, resourceName: name }
  await step('admin partitions', async () => {
    await admin.createPartitions({ topics: [{ name, count: 5, assignments: null }] })
    const count = async () =>
      (await admin.metadata({ topics: [name], forceUpdate: true })).topics.get(name).partitionsCount
    await until('there are more', async () => (await count()) === 5)
    return count()
  })
  await step('admin config', async () => {
    await admin.incrementalAlterConfigs({
      resources: [{ ...resource, configs: [{ name: 'retention.ms', configOperation: SET, value: '60000' }] }],
    })
    const value = async () =>
      (await admin.describeConfigs({ resources: [{ ...resource, configurationKeys: ['retention.ms'] }] }))[0].configs[0]
        .value
    await until('the value has changed', async () => (await value()) === '60000')
    return value()
  })
  await step('admin group', async () => {
    if (!(await admin.listGroups()).has(name)) return 'not listed'
    const { state } = (await admin.describeGroups({ groups: [name] })).get(name)
    return state[0] + state.slice(1).toLowerCase()
  })
  await step('admin delete records', async () => {
    const [{ partitions }] = await admin.deleteRecords({
      topics: [{ name: `${name}-time`, partitions: [{ partition: 0, offset: 5n }] }],
    })
    return `begins at ${partitions[0].lowWatermark}`
  })
  const deleteGroup = (group) => admin.deleteGroups({ groups: [group] })
  await step('admin delete group', async () => {
    await deleteGroup(name)
    return 'deleted'
  })
  await step('admin delete topic', async () => {
    const topic = `${name}-gone`
    await admin.createTopics({ topics: [topic], partitions: 1, replicas: 1 })
    await admin.deleteTopics({ topics: [topic] })
    await until('it is not listed', async () => !(await admin.listTopics()).includes(topic))
    return 'deleted'
  })
  const create = (topic) => admin.createTopics({ topics: [topic], partitions: 1, replicas: 1 })
  await step('error topic exists', () => code(() => create(name)))
  await step('error unknown topic', () => code(() => admin.deleteTopics({ topics: [`${name}-nothing`] })))
  await step('error unknown group', () => code(() => deleteGroup(`${name}-nobody`)))
  await step('error invalid topic', () => code(() => create('bad name')))
}

await step('create topic', async () => {
  await admin.createTopics({ topics: [name], partitions: 3, replicas: 1 })
  const count = async () =>
    (await admin.metadata({ topics: [name], forceUpdate: true })).topics.get(name)?.partitionsCount
  await until('it is known', async () => (await count()) === 3)
  return `${await count()} partitions`
})
await codecs()
await step('resume', async () => {
  await send(name, numbered('more', 5))
  return `${await consume(name, name, 5)} read`
})
await group()
await step('seek by time', seekByTime)
await step('compacted', compacted)
await transactions()
await adminCalls()
await step('error too large', () => code(() => send(`${name}-small`, [{ value: 'x'.repeat(2000) }])))
await step('error out of range', outOfRange)
await admin.close()
process.exit()
