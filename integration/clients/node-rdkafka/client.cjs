// node-rdkafka, librdkafka beneath, with its callbacks as promises; or a library that is called alike.
const { promisify } = require('node:util')

const [bootstrap, name, library = 'node-rdkafka'] = process.argv.slice(2)
const Kafka = require(library)
const BASE = { 'metadata.broker.list': bootstrap, log_level: 0 }
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
const WAIT_MS = 30_000
const pause = (ms) => new Promise((resume) => setTimeout(resume, ms))
/** A method that ends with a callback. */
const call = (target, method, ...args) => promisify(target[method]).call(target, ...args)
const admin = Kafka.AdminClient.create(BASE)

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
    await pause(10)
  }
}

async function code(body) {
  try {
    await body()
    return 'no error'
  } catch (error) {
    // A delivery report has lost its code.
    return error.message === 'message size too large' ? 10 : (error.code ?? error.message)
  }
}

async function withProducer(options, body) {
  const producer = new Kafka.Producer({ ...BASE, dr_cb: true, 'linger.ms': 20, ...options })
  producer.setPollInterval(20)
  await call(producer, 'connect', {})
  try {
    return await body(producer)
  } finally {
    await call(producer, 'disconnect', WAIT_MS)
  }
}

/** Resolves when all are delivered. */
function deliver(producer, topic, records) {
  return new Promise((resolve, reject) => {
    let left = records.length
    producer.on('delivery-report', (error) => {
      left -= 1
      if (error) reject(error)
      else if (left === 0) resolve()
    })
    for (const { key = null, value, partition = null, headers } of records)
      producer.produce(topic, partition, value === null ? null : Buffer.from(value), key, null, null, headers)
  })
}

const send = (topic, records, options = {}) => withProducer(options, (producer) => deliver(producer, topic, records))
const numbered = (prefix, count) =>
  Array.from({ length: count }, (_, at) => ({ key: `${prefix}-${at}`, value: `${prefix}-${at}` }))

/** A member of a group; what it has read it has committed. */
async function member(groupId, topic, each, options = {}) {
  const state = { partitions: [], rebalances: 0 }
  const consumer = new Kafka.KafkaConsumer(
    {
      ...BASE,
      'group.id': groupId,
      'enable.auto.commit': false,
      rebalance_cb(error, assignment) {
        if (error.code === Kafka.CODES.ERRORS.ERR__ASSIGN_PARTITIONS) {
          state.rebalances += 1
          state.partitions = assignment
          this.assign(assignment)
        } else {
          state.partitions = []
          this.unassign()
        }
      },
      ...options,
    },
    { 'auto.offset.reset': 'earliest' },
  )
  consumer.setDefaultConsumeTimeout(50)
  await call(consumer, 'connect', {})
  consumer.subscribe([topic])
  let ends = false
  const reading = (async () => {
    while (!ends) {
      for (const message of await call(consumer, 'consume', 100)) {
        consumer.commitMessageSync(message)
        each(message)
      }
      await pause(1)
    }
  })()
  state.stop = async () => {
    ends = true
    await reading
    await call(consumer, 'disconnect')
  }
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
  await pause(500)
  await reader.stop()
  return read
}

async function codecs() {
  for (const codec of CODECS) await send(name, numbered(codec, 20), { 'compression.codec': codec })
  await send(name, [
    { value: 'null key' },
    { key: 'null value', value: null },
    { key: 'large', value: 'x'.repeat(900_000) },
    { key: 'headers', value: 'v', headers: [{ a: '1' }, { b: '2' }] },
  ])
  const counts = {}
  const seen = {}
  await consume(name, name, 104, ({ key, value, headers }) => {
    const [keyText, text] = [key === null ? null : String(key), value === null ? null : String(value)]
    if (keyText === null) seen['null key'] = text === 'null key' ? 'read back' : text
    else if (keyText === 'null value') seen['null value'] = text === null ? 'read back' : text
    else if (keyText === 'large') seen['large value'] = `${/^x+$/.test(text) && text.length} bytes`
    else if (keyText === 'headers')
      seen.headers = headers
        .flatMap(Object.entries)
        .map(([k, v]) => `${k}=${v}`)
        .join(' ')
    else if (keyText === text) counts[text.split('-')[0]] = (counts[text.split('-')[0]] ?? 0) + 1
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
  const count = ({ value }) => counts.set(String(value), (counts.get(String(value)) ?? 0) + 1)
  const members = await Promise.all([0, 1, 2].map(() => member(topic, topic, count)))
  const spread = async (prefix) => {
    await send(
      topic,
      numbered(prefix, 30).map((record, at) => ({ ...record, partition: at % 3 })),
    )
    await until('all are read', () => [...counts.keys()].filter((value) => value.startsWith(prefix)).length === 30)
    return [...counts.values()].every((times) => times === 1) ? '30 once each' : 'some twice'
  }
  await step('group of three', async () => {
    await until('each has one partition', shared(members))
    return spread('first')
  })
  await step('two after one left', async () => {
    await members.pop().stop()
    await until('two share three partitions', shared(members))
    return spread('second')
  })
  for (const { stop } of members) await stop()
}

/** Closing a static member sends no LeaveGroup: when it is back in time, the other member has seen nothing. (KIP-345) */
async function staticMember() {
  const start = (options) => member(`${name}-static`, `${name}-three`, () => {}, options)
  const one = { 'group.instance.id': 'the-one' }
  const [other, first] = await Promise.all([start({}), start(one)])
  await until('both have partitions', shared([other, first]))
  const before = other.rebalances
  await first.stop()
  const again = await start(one)
  await until('it has partitions again', shared([other, again]))
  await again.stop()
  await other.stop()
  return other.rebalances === before ? 'back without a rebalance' : 'rebalanced'
}

/** The first record from where it is told to begin, or the error instead. */
async function readTime(from, reset = 'earliest') {
  const consumer = new Kafka.KafkaConsumer(
    { ...BASE, 'group.id': `${name}-time`, 'enable.auto.commit': false },
    { 'auto.offset.reset': reset },
  )
  await call(consumer, 'connect', {})
  try {
    const offset = await from(consumer)
    consumer.assign([{ topic: `${name}-time`, partition: 0, offset }])
    let first
    await until('there is a record', async () => {
      first = (await call(consumer, 'consume', 1))[0]
      return first !== undefined
    })
    return first
  } finally {
    await call(consumer, 'disconnect')
  }
}

async function compacted() {
  const topic = `${name}-compacted`
  const read = await consume(topic, topic, 40)
  await send(topic, numbered('behind', 1))
  return `${read} read, ${await consume(topic, topic, 1)} behind the gap`
}

const transactional = (id, body) =>
  withProducer({ 'transactional.id': `${name}-${id}` }, async (producer) => {
    await call(producer, 'initTransactions', WAIT_MS)
    return body(producer)
  })

async function transactions() {
  const topic = `${name}-txn`
  await transactional('id', async (producer) => {
    for (const prefix of ['yes', 'no']) {
      await call(producer, 'beginTransaction')
      for (const { key, value } of numbered(prefix, 5)) producer.produce(topic, 0, Buffer.from(value), key)
      await call(producer, 'flush', WAIT_MS)
      await call(producer, prefix === 'yes' ? 'commitTransaction' : 'abortTransaction', WAIT_MS)
    }
  })
  let [committed, aborted] = [0, 0]
  await consume(`${name}-clean`, topic, 5, ({ key }) => (String(key).startsWith('yes') ? committed++ : aborted++))
  await step('transaction committed', () => `${committed} read`)
  await step('transaction aborted', () => `${aborted} read`)
  const dirty = () => consume(`${name}-dirty`, topic, 10, () => {}, { 'isolation.level': 'read_uncommitted' })
  await step('read uncommitted', async () => `${await dirty()} read`)
  await step('transaction offsets', transactionOffsets)
  await step('transaction fenced', () =>
    transactional('fenced', async (old) => {
      await call(old, 'beginTransaction')
      old.produce(`${name}-three`, 0, Buffer.from('old'))
      await call(old, 'flush', WAIT_MS)
      await transactional('fenced', async () => {})
      const met = await code(() => call(old, 'commitTransaction', WAIT_MS))
      return [Kafka.CODES.ERRORS.ERR__FENCED, 47, 90].includes(met) ? 'refused' : met
    }),
  )
}

async function transactionOffsets() {
  const at = { topic: `${name}-time`, partition: 0 }
  const consumer = new Kafka.KafkaConsumer({ ...BASE, 'group.id': `${name}-offsets` }, {})
  await call(consumer, 'connect', {})
  await transactional('offsets', async (producer) => {
    await call(producer, 'beginTransaction')
    await call(producer, 'sendOffsetsToTransaction', [{ ...at, offset: 7 }], consumer, WAIT_MS)
    await call(producer, 'commitTransaction', WAIT_MS)
  })
  const [{ offset }] = await call(consumer, 'committed', [at], WAIT_MS)
  await call(consumer, 'disconnect')
  return `committed ${offset}`
}

async function partitions(producer, topic) {
  const { topics } = await call(producer, 'getMetadata', { timeout: WAIT_MS })
  return topics.find((each) => each.name === topic)?.partitions.length ?? 0
}

async function adminCalls(producer) {
  await step('admin partitions', async () => {
    await call(admin, 'createPartitions', name, 5, WAIT_MS)
    await until('there are more', async () => (await partitions(producer, name)) === 5)
    return 5
  })
  const create = (topic) => call(admin, 'createTopic', { topic, num_partitions: 1, replication_factor: 1 }, WAIT_MS)
  await step('admin delete topic', async () => {
    const topic = `${name}-gone`
    await create(topic)
    await call(admin, 'deleteTopic', topic, WAIT_MS)
    await until('it is not listed', async () => (await partitions(producer, topic)) === 0)
    return 'deleted'
  })
  await step('error topic exists', () => code(() => create(name)))
  await step('error unknown topic', () => code(() => call(admin, 'deleteTopic', `${name}-nothing`, WAIT_MS)))
  await step('error invalid topic', () => code(() => create('bad name')))
}

async function main() {
  await withProducer({}, async (producer) => {
    await step('create topic', async () => {
      await call(admin, 'createTopic', { topic: name, num_partitions: 3, replication_factor: 1 }, WAIT_MS)
      await until('it is known', async () => (await partitions(producer, name)) === 3)
      return '3 partitions'
    })
    await codecs()
    await step('resume', async () => {
      await send(name, numbered('more', 5))
      return `${await consume(name, name, 5)} read`
    })
    await group()
    await step('static member', staticMember)
    await step('seek by time', async () => {
      const asked = [{ topic: `${name}-time`, partition: 0, offset: 1_700_000_010_000 }]
      const { value } = await readTime(
        async (consumer) => (await call(consumer, 'offsetsForTimes', asked, WAIT_MS))[0].offset,
      )
      return `offset ${value}`
    })
    await step('compacted', compacted)
    await transactions()
    await adminCalls(producer)
  })
  await step('error too large', () => code(() => send(`${name}-small`, [{ value: 'x'.repeat(2000) }])))
  // It has a code of its own for this.
  await step('error out of range', async () =>
    (await code(() => readTime(() => 1_000_000, 'error'))) === Kafka.CODES.ERRORS.ERR__AUTO_OFFSET_RESET
      ? 1
      : 'no error',
  )
  admin.disconnect()
  process.exit()
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
