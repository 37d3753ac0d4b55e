import type { Message } from 'kafkajs'
import { CommandFailure } from '../client/failure.ts'
import { inputLines } from '../client/input-lines.ts'
import { asFailure, kafkaOf, loadKafkaJs } from '../client/kafkajs-client.ts'
import { type PlainRecord, recordFromJson } from '../client/record-json.ts'
import { UsageError } from '../usage-error.ts'
import type { Session } from './session.ts'
import { type ClientVerb, repeated } from './verb.ts'

const INT32_MAX = 2_147_483_647
/** What one request takes at most, unless a single record is larger. */
const BATCH_RECORDS_MAX = 1000
const BATCH_BYTES_MAX = 512 * 1024
/** By their names in Kafka; kafkajs has numbers, the same ones as a batch's attributes. */
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
const ACKS: ReadonlyMap<string, number> = new Map([
  ['all', -1],
  ['1', 1],
  ['0', 0],
])

interface Production {
  readonly topic: string
  readonly acks: number
  readonly compression: number
  readonly toRecord: (line: Buffer) => PlainRecord
}

export const PRODUCE: ClientVerb = {
  name: 'produce',
  description: 'Send lines of standard input as records.',
  define(command) {
    command
      .argument('<topic>', 'its name')
      .option('--key-separator <text>', 'what stands before it in a line is the key')
      .option('--header <key=value>', 'for every record; may be repeated', repeated)
      .option('--partition <number>', 'for every record; otherwise by the hash of its key')
      .option('--acks <all|1|0>', 'whose word to wait for (all)')
      .option('--compression <codec>', `${CODECS.join(', ')} (none)`)
      .addHelpText(
        'after',
        `
With --json each line is an object, as consume --json shows it: {"key": "k", "value": "v", "headers": {"h": "x"}, "partition": 0}.
Bytes that are no text stand as {"base64": "..."}, no value as null; each answer is one line with partition and first offset.`,
      )
  },
  task(given) {
    const acks = ACKS.get(given.text('acks') ?? 'all')
    if (acks === undefined) throw new UsageError(`--acks ${given.text('acks')}: write all, 1 or 0`)
    const compression = CODECS.indexOf(given.text('compression') ?? 'none')
    if (compression < 0)
      throw new UsageError(`--compression ${given.text('compression')}: write one of ${CODECS.join(', ')}`)
    const separator = given.text('keySeparator')
    if (separator === '') throw new UsageError('--key-separator is empty')
    const partition = given.integer('partition', 0, INT32_MAX)
    const headers = given.pairs('header').map(([name, value]) => [name, Buffer.from(value)] as const)
    const isJson = given.has('json')
    const fromLine = (line: Buffer): PlainRecord =>
      isJson ? recordFromJson(line.toString()) : recordFromLine(line, separator)
    const toRecord = (line: Buffer): PlainRecord => {
      const record = fromLine(line)
      return { ...record, headers: [...record.headers, ...headers], partition: partition ?? record.partition }
    }
    return (session) => produce(session, { topic: given.words[0] ?? '', acks, compression, toRecord })
  },
}

async function produce(session: Session, { topic, acks, compression, toRecord }: Production): Promise<void> {
  const kafkajs = loadKafkaJs()
  // A broker that cannot be reached is told as everywhere else.
  await session.client.any()
  const producer = kafkaOf(kafkajs, session.client).producer({
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    idempotent: acks === -1,
  })
  await asFailure(`topic ${topic}`, () => producer.connect())
  let sent = 0
  try {
    for await (const lines of inputLines(session.host.stdin())) {
      for (const messages of batches(lines.map(toRecord))) {
        const answers = await asFailure(`topic ${topic}, after ${sent} records`, () =>
          producer.send({ topic, acks, compression, messages }),
        )
        sent += messages.length
        // Without acks there is no answer.
        const rows = answers.map((each) => ({
          topic,
          partition: each.partition,
          offset: Number(each.baseOffset ?? -1),
        }))
        if (session.isJson) session.show(rows)
      }
    }
  } finally {
    await producer.disconnect()
  }
  if (!session.isJson) session.note(`sent ${sent} ${sent === 1 ? 'record' : 'records'} to ${topic}`)
}

/** @throws CommandFailure for a line without the separator */
function recordFromLine(line: Buffer, separator: string | null): PlainRecord {
  const plain = { headers: [], partition: null, timestamp: null }
  if (separator === null) return { key: null, value: line, ...plain }
  const at = line.indexOf(separator)
  if (at < 0) throw new CommandFailure(`no "${separator}" in this line: ${line.toString().slice(0, 80)}`)
  return { key: line.subarray(0, at), value: line.subarray(at + Buffer.byteLength(separator)), ...plain }
}

function* batches(records: readonly PlainRecord[]): Generator<Message[], void, void> {
  let batch: Message[] = []
  let bytes = 0
  for (const record of records) {
    const size = (record.key?.length ?? 0) + (record.value?.length ?? 0)
    if (batch.length === BATCH_RECORDS_MAX || (batch.length > 0 && bytes + size > BATCH_BYTES_MAX)) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(messageOf(record))
    bytes += size
  }
  if (batch.length > 0) yield batch
}

function messageOf({ key, value, headers, partition, timestamp }: PlainRecord): Message {
  const named: Record<string, Buffer[]> = {}
  for (const [name, bytes] of headers) if (bytes !== null) named[name] = [...(named[name] ?? []), bytes]
  return {
    key,
    value,
    headers: named,
    ...(partition === null ? {} : { partition }),
    ...(timestamp === null ? {} : { timestamp: String(timestamp) }),
  }
}
