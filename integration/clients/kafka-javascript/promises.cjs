// The calls that @confluentinc/kafka-javascript has after kafkajs, as promises.
const { Kafka, CompressionTypes, ConsumerGroupStates, logLevel } = require('@confluentinc/kafka-javascript').KafkaJS

const [bootstrap, name] = process.argv.slice(2)
const kafka = new Kafka({ kafkaJS: { brokers: [bootstrap], logLevel: logLevel.NOTHING } })
const admin = kafka.admin()
const topic = `${name}-promises`

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

async function withProducer(options, body) {
  const producer = kafka.producer({ kafkaJS: options })
  await producer.connect()
  try {
    return await body(producer)
  } finally {
    await producer.disconnect()
  }
}

const numbered = (prefix, count) =>
  Array.from({ length: count }, (_, at) => ({ key: `${prefix}-${at}`, value: `${prefix}-${at}` }))

const send = (messages) =>
  withProducer({ compression: CompressionTypes.LZ4 }, (producer) => producer.send({ topic, messages }))

/** Reads until `count` have come and then a little longer, so that one too many would show. What was read is committed at the end. */
async function consume(groupId, count) {
  const keys = []
  const consumer = kafka.consumer({ kafkaJS: { groupId, fromBeginning: true } })
  await consumer.connect()
  await consumer.subscribe({ topic })
  await consumer.run({ eachMessage: async ({ message }) => keys.push(String(message.key)) })
  await until(`${count} are read`, () => keys.length >= count)
  await new Promise((resume) => setTimeout(resume, 500))
  await consumer.disconnect()
  return keys
}

async function readBackAndResumed() {
  await admin.createTopics({ topics: [{ topic, numPartitions: 3 }] })
  await send(numbered('first', 20))
  const first = await consume(topic, 20)
  await send(numbered('more', 5))
  return `${new Set(first).size} read, then ${(await consume(topic, 5)).length}`
}

async function committedAndAborted() {
  await withProducer({ transactionalId: topic }, async (producer) => {
    const yes = await producer.transaction()
    await yes.send({ topic, messages: numbered('yes', 5) })
    await yes.commit()
    const no = await producer.transaction()
    await no.send({ topic, messages: numbered('no', 5) })
    await no.abort()
  })
  const keys = await consume(topic, 5)
  const count = (prefix) => keys.filter((key) => key.startsWith(prefix)).length
  return `${count('yes')} committed, ${count('no')} aborted`
}

async function groupState() {
  const { groups } = await admin.listGroups()
  if (!groups.some(({ groupId }) => groupId === name)) return 'not listed'
  const [{ state }] = (await admin.describeGroups([name])).groups
  return state === ConsumerGroupStates.EMPTY ? 'Empty' : state
}

async function codeOfGroupDeletion(group) {
  try {
    return (await admin.deleteGroups([group]))[0].errorCode
  } catch (error) {
    return error.groups?.[0]?.errorCode ?? error.message
  }
}

async function main() {
  await admin.connect()
  await step('promises', readBackAndResumed)
  await step('promises transaction', committedAndAborted)
  await step('admin group', groupState)
  await step('admin delete records', async () => {
    const time = `${name}-time`
    await admin.deleteTopicRecords({ topic: time, partitions: [{ partition: 0, offset: '5' }] })
    return `begins at ${(await admin.fetchTopicOffsets(time))[0].low}`
  })
  await step('admin delete group', async () => ((await codeOfGroupDeletion(name)) === 0 ? 'deleted' : 'not deleted'))
  await step('error unknown group', () => codeOfGroupDeletion(`${name}-nobody`))
  await admin.disconnect()
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
