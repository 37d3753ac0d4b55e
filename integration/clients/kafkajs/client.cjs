// kafkajs with its defaults, and the codecs that it takes as plug-ins.
const { Kafka, CompressionTypes, CompressionCodecs, logLevel, ConfigResourceTypes } = require('kafkajs')
const LZ4 = require('kafkajs-lz4')
const snappy = require('kafkajs-snappy')
const zstd = require('@mongodb-js/zstd')

CompressionCodecs[CompressionTypes.Snappy] = snappy
CompressionCodecs[CompressionTypes.LZ4] = new LZ4().codec
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: (encoder) => zstd.compress(encoder.buffer),
  decompress: (buffer) => zstd.decompress(buffer),
})

const [bootstrap, name] = process.argv.slice(2)
const kafka = new Kafka({
  brokers: [bootstrap],
  logLevel: logLevel.NOTHING,
  retry: { retries: 8, initialRetryTime: 50 },
})
const admin = kafka.admin()
const CODECS = { none: 'None', gzip: 'GZIP', snappy: 'Snappy', lz4: 'LZ4', zstd: 'ZSTD' }

async function step(step, body) {
  let result
  try {
    result = await body()
  } catch (error) {
    console.error(error)
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

async function code(call) {
  try {
    await call()
    return 'no error'
  } catch (error) {
    const cause = error.errors?.[0] ?? error.cause ?? error
    return cause.code ?? cause.groups?.[0]?.errorCode ?? error.message
  }
}

async function withProducer(options, body) {
  const producer = kafka.producer(options)
  await producer.connect()
  try {
    return await body(producer)
  } finally {
    await producer.disconnect()
  }
}

const send = (topic, messages, compression = CompressionTypes.None) =>
  withProducer({}, (producer) => producer.send({ topic, messages, compression, acks: -1 }))

const numbered = (prefix, count) =>
  Array.from({ length: count }, (_, at) => ({ key: `${prefix}-${at}`, value: `${prefix}-${at}` }))

/** A member of a group; `partitions` are those assigned. What it has read is committed when it stops. */
async function member(groupId, topic, each, options = {}) {
  const consumer = kafka.consumer({ groupId, ...options })
  const state = { partitions: [], stop: () => consumer.disconnect() }
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    state.partitions = payload.memberAssignment[topic] ?? []
  })
  consumer.on(consumer.events.REBALANCING, () => {
    state.partitions = []
  })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({ eachMessage: async ({ message, partition }) => each(message, partition) })
  return state
}

/** Reads until `count` have come and then a little longer, so that one too many would show. */
async function consume(groupId, topic, count, each, options) {
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
  await new Promise((resume) => setTimeout(resume, 300))
  await reader.stop()
  return read
}

async function codecs() {
  for (const [codec, type] of Object.entries(CODECS)) await send(name, numbered(codec, 20), CompressionTypes[type])
  await send(name, [
    { key: null, value: 'null key' },
    { key: 'null value', value: null },
    { key: 'large', value: 'x'.repeat(900_000) },
    { key: 'headers', value: 'v', headers: { a: '1', b: '2' } },
  ])
  const counts = {}
  const seen = {}
  await consume(name, name, 104, ({ key, value, headers }) => {
    if (key === null) seen['null key'] = String(value) === 'null key' ? 'read back' : value
    else if (String(key) === 'null value') seen['null value'] = value === null ? 'read back' : value
    else if (String(key) === 'large') seen['large value'] = `${/^x+$/.test(String(value)) && value.length} bytes`
    else if (String(key) === 'headers')
      seen.headers = Object.entries(headers)
        .map(([k, v]) => `${k}=${v}`)
        .join(' ')
    else if (String(key) === String(value))
      counts[String(key).split('-')[0]] = (counts[String(key).split('-')[0]] ?? 0) + 1
  })
  for (const codec of Object.keys(CODECS)) await step(codec, () => `${counts[codec]} read back`)
  for (const which of ['headers', 'null key', 'null value', 'large value']) await step(which, () => seen[which])
}

async function group() {
  const topic = `${name}-three`
  const counts = new Map()
  const members = await Promise.all(
    [0, 1, 2].map(() =>
      member(topic, topic, ({ value }) => counts.set(String(value), (counts.get(String(value)) ?? 0) + 1)),
    ),
  )
  const spread = async (prefix) => {
    await send(
      topic,
      numbered(prefix, 30).map((message, at) => ({ ...message, partition: at % 3 })),
    )
    await until('all are read', () => [...counts.keys()].filter((value) => value.startsWith(prefix)).length === 30)
    return [...counts.values()].every((count) => count === 1) ? '30 once each' : 'some twice'
  }
  const share = () =>
    members.every(({ partitions }) => partitions.length > 0) &&
    members.flatMap(({ partitions }) => partitions).length === 3
  await step('group of three', async () => {
    await until('each has one partition', share)
    return spread('first')
  })
  await step('two after one left', async () => {
    await members.pop().stop()
    await until('two share three partitions', share)
    return spread('second')
  })
  await Promise.all(members.map(({ stop }) => stop()))
}

async function seekByTime() {
  const topic = `${name}-time`
  const [{ partition, offset }] = await admin.fetchTopicOffsetsByTimestamp(topic, 1_700_000_010_000)
  const consumer = kafka.consumer({ groupId: topic })
  await consumer.connect()
  await consumer.subscribe({ topic })
  let first = null
  await consumer.run({
    eachMessage: async ({ message }) => {
      first ??= String(message.value)
    },
  })
  consumer.seek({ topic, partition, offset })
  await until('there is a record', () => first !== null)
  await consumer.disconnect()
  return `offset ${first === offset ? offset : `${first} at ${offset}`}`
}

async function compacted() {
  const topic = `${name}-compacted`
  const read = await consume(topic, topic, 40, () => {})
  await send(topic, numbered('behind', 1))
  return `${read} read, ${await consume(topic, topic, 1, () => {})} behind the gap`
}

const transactional = (id, body) =>
  withProducer({ transactionalId: `${name}-${id}`, maxInFlightRequests: 1, idempotent: true }, body)

async function transactions() {
  const topic = `${name}-txn`
  await transactional('id', async (producer) => {
    const yes = await producer.transaction()
    await yes.send({ topic, messages: numbered('yes', 5) })
    await yes.commit()
    const no = await producer.transaction()
    await no.send({ topic, messages: numbered('no', 5) })
    await no.abort()
  })
  let [committed, aborted] = [0, 0]
  await consume(`${name}-clean`, topic, 5, ({ key }) => (String(key).startsWith('yes') ? committed++ : aborted++))
  await step('transaction committed', () => `${committed} read`)
  await step('transaction aborted', () => `${aborted} read`)
  await step(
    'read uncommitted',
    async () => `${await consume(`${name}-dirty`, topic, 10, () => {}, { readUncommitted: true })} read`,
  )
  await step('transaction offsets', async () => {
    const [groupId, time] = [`${name}-offsets`, `${name}-time`]
    await transactional('offsets', async (producer) => {
      const transaction = await producer.transaction()
      await transaction.sendOffsets({
        consumerGroupId: groupId,
        topics: [{ topic: time, partitions: [{ partition: 0, offset: '7' }] }],
      })
      await transaction.commit()
    })
    const [{ partitions }] = await admin.fetchOffsets({ groupId, topics: [time] })
    return `committed ${partitions[0].offset}`
  })
  await step('transaction fenced', () =>
    transactional('fenced', async (old) => {
      const transaction = await old.transaction()
      await transaction.send({ topic: `${name}-three`, messages: [{ value: 'old' }] })
      await transactional('fenced', async (newer) => (await newer.transaction()).abort())
      const met = await code(() => transaction.commit())
      return [47, 90].includes(met) ? 'refused' : met
    }),
  )
}

async function adminCalls() {
  const resource = { type: ConfigResourceTypes.TOPIC, name }
  await step('admin partitions', async () => {
    await admin.createPartitions({ topicPartitions: [{ topic: name, count: 5 }] })
    const count = async () => (await admin.fetchTopicMetadata({ topics: [name] })).topics[0].partitions.length
    await until('there are more', async () => (await count()) === 5)
    return count()
  })
  await step('admin config', async () => {
    await admin.alterConfigs({
      resources: [{ ...resource, configEntries: [{ name: 'retention.ms', value: '60000' }] }],
    })
    const value = async () =>
      (await admin.describeConfigs({ resources: [{ ...resource, configNames: ['retention.ms'] }] })).resources[0]
        .configEntries[0].configValue
    await until('the value has changed', async () => (await value()) === '60000')
    return value()
  })
  await step('admin group', async () => {
    const { groups } = await admin.listGroups()
    return groups.some(({ groupId }) => groupId === name)
      ? (await admin.describeGroups([name])).groups[0].state
      : 'not listed'
  })
  await step('admin delete records', async () => {
    const topic = `${name}-time`
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '5' }] })
    return `begins at ${(await admin.fetchTopicOffsets(topic))[0].low}`
  })
  await step('admin delete group', async () => (await admin.deleteGroups([name]))[0].errorCode === 0 && 'deleted')
  await step('admin delete topic', async () => {
    const topic = `${name}-gone`
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] })
    await admin.deleteTopics({ topics: [topic] })
    await until('it is not listed', async () => !(await admin.listTopics()).includes(topic))
    return 'deleted'
  })
  // kafkajs tells it by false.
  await step('error topic exists', async () =>
    (await admin.createTopics({ topics: [{ topic: name, numPartitions: 1 }] })) ? 'no error' : 36,
  )
  await step('error unknown topic', () => code(() => admin.deleteTopics({ topics: [`${name}-nothing`] })))
  await step('error unknown group', () => code(() => admin.deleteGroups([`${name}-nobody`])))
}

async function main() {
  await admin.connect()
  await step('create topic', async () => {
    await admin.createTopics({ topics: [{ topic: name, numPartitions: 3 }], waitForLeaders: true })
    return `${(await admin.fetchTopicMetadata({ topics: [name] })).topics[0].partitions.length} partitions`
  })
  await codecs()
  await step('resume', async () => {
    await send(name, numbered('more', 5))
    return `${await consume(name, name, 5, () => {})} read`
  })
  await group()
  await step('seek by time', seekByTime)
  await step('compacted', compacted)
  await transactions()
  await adminCalls()
  await step('error invalid topic', () => code(() => send('bad name', [{ value: 'v' }])))
  await step('error too large', () => code(() => send(`${name}-small`, [{ value: 'x'.repeat(2000) }])))
  await admin.disconnect()
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
