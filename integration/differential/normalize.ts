import { errorName } from '@odradek/protocol'
import { BATCH_HEADER_BYTES, readBatchHeader } from '@odradek/records'
import { type Answer, isList, isObject, type Plain, type PlainAnswer } from './transcript.ts'

/** Fields whose value is another in every run, and the kind that they stand for. */
const SYMBOL_FIELDS: ReadonlyMap<string, string> = new Map([
  ['topicId', 'topic id'],
  ['memberId', 'member'],
  ['leader', 'member'],
  ['clusterId', 'cluster'],
  ['producerId', 'producer'],
  ['ongoingTxnProducerId', 'producer'],
  ['v3AndBelowProducerId', 'producer'],
  ['sessionId', 'session'],
  ['clientInstanceId', 'client instance'],
  ['subscriptionId', 'subscription'],
  ['finalizedFeaturesEpoch', 'epoch of features'],
  ['tokenId', 'token'],
  ['hmac', 'HMAC'],
  ['brokerEpoch', 'epoch of the broker'],
])
/** What means "none", or is fixed. */
const FIXED: ReadonlySet<string> = new Set(['', '-1', 'AAAAAAAAAAAAAAAAAAAAAA'])
const NO_SESSION = 0

/** Fields of which only that they are there counts. */
const PRESENT_FIELDS: ReadonlyMap<string, string> = new Map([
  ['host', '<host>'],
  ['port', '<port>'],
  ['clientHost', '<host>'],
  ['logDir', '<directory>'],
  ['totalBytes', '<size>'],
  ['usableBytes', '<size>'],
  ['errorMessage', '<text>'],
  ['batchIndexErrorMessage', '<text>'],
  ['message', '<text>'],
  ['documentation', '<text>'],
  ['lastUpdateTimestamp', '<time>'],
  ['transactionStartTimeMs', '<time>'],
])
const NOTHING: ReadonlySet<unknown> = new Set([null, '', -1, -1n])

/** Rows that other scenarios on the same broker may have left. */
const NAME_FIELDS: readonly string[] = ['groupId', 'transactionalId', 'principalName']

/** Longer than a scenario, and shorter than the age of any broker that is asked. */
const TIMES_FROM = 1_600_000_000_000n

/** The answers of one scenario in the form that is compared. Rows are sorted, since brokers give them in any order. */
export function normalize(answers: readonly Answer[], prefix: string): readonly PlainAnswer[] {
  const plain = answers.map(({ api, version, answer }) => ({ api, version, answer: plainOf(answer, '', prefix) }))
  const symbols = new Symbols()
  return plain.map(({ api, version, answer }) => ({ api, version, answer: symbols.placedIn(answer, '') }))
}

function plainOf(value: unknown, field: string, prefix: string): Plain {
  const present = PRESENT_FIELDS.get(field)
  if (present !== undefined && !NOTHING.has(value)) return present
  if (field === 'errorCode' || field.endsWith('ErrorCode')) return typeof value === 'number' ? errorName(value) : null
  if (typeof value === 'bigint') return value > TIMES_FROM && value < 2n ** 62n ? '<time>' : String(value)
  if (typeof value === 'string') return value.replaceAll(prefix, '')
  if (typeof value === 'number' || typeof value === 'boolean') return value
  if (value instanceof Uint8Array) return field === 'records' ? batchesOf(value) : Buffer.from(value).toString('hex')
  if (Array.isArray(value)) return listOf(value, prefix)
  if (typeof value !== 'object' || value === null) return null
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plainOf(inner, name, prefix)]))
}

function listOf(values: readonly unknown[], prefix: string): Plain {
  const own = values.filter((value) => isOwn(value, prefix)).map((value) => plainOf(value, '', prefix))
  const isOfRows = own.every((value) => typeof value === 'object' && value !== null)
  return isOfRows ? own.sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)) : own
}

function isOwn(value: unknown, prefix: string): boolean {
  if (typeof value !== 'object' || value === null) return true
  const name = Object.entries(value).find(([field]) => NAME_FIELDS.includes(field))?.[1]
  return typeof name !== 'string' || name === '' || name.startsWith(prefix)
}

/** Without what becomes a symbol, so that the order is the same in every run. */
function orderOf(value: Plain): string {
  return JSON.stringify(value, (field, inner) => (SYMBOL_FIELDS.has(field) && !FIXED.has(String(inner)) ? '' : inner))
}

/** The same value gets the same symbol throughout a scenario. */
class Symbols {
  private readonly known = new Map<string, string>()
  private readonly counts = new Map<string, number>()

  placedIn(value: Plain, field: string): Plain {
    if (isList(value)) return value.map((inner) => this.placedIn(inner, field))
    if (isObject(value))
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, this.placedIn(inner, name)]))
    const kind = SYMBOL_FIELDS.get(field)
    // `leader` is a member of a group, or a node.
    if (
      kind === undefined ||
      value === null ||
      value === NO_SESSION ||
      FIXED.has(String(value)) ||
      (field === 'leader' && typeof value === 'number')
    )
      return value
    return this.symbolOf(kind, String(value))
  }

  private symbolOf(kind: string, value: string): string {
    const known = this.known.get(`${kind} ${value}`)
    if (known !== undefined) return known
    const count = (this.counts.get(kind) ?? 0) + 1
    this.counts.set(kind, count)
    const symbol = `<${kind} ${count}>`
    this.known.set(`${kind} ${value}`, symbol)
    return symbol
  }
}

/** Of every format. */
const MAGIC_AT = 16
/** Offset and size, which does not count them. */
const MESSAGE_OVERHEAD_BYTES = 12

/** Stands for the last batch of an answer, of which only a part fits in. */
export const CUT_OFF = '<a batch that is cut off>'

/** Of the formats of old, byte for byte. Kafka fills what they have become shorter than its batches were. */
function messagesOf(bytes: Uint8Array): Plain {
  const messages: Plain[] = []
  for (let at = 0; at < bytes.length; ) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.length - at)
    const sizeBytes = view.byteLength < MAGIC_AT ? Number.POSITIVE_INFINITY : MESSAGE_OVERHEAD_BYTES + view.getInt32(8)
    if (sizeBytes > view.byteLength) return [...messages, CUT_OFF]
    messages.push(Buffer.from(bytes.subarray(at, at + sizeBytes)).toString('hex'))
    at += sizeBytes
  }
  return messages
}

/** The headers count, but for times and producer ids, and that the payload is as long: what is in it is the producer's, or a marker. */
function batchesOf(bytes: Uint8Array): Plain {
  const batches: Plain[] = []
  let at = 0
  if (bytes.length > MAGIC_AT && bytes[MAGIC_AT] !== 2) return messagesOf(bytes)
  while (bytes.length - at >= BATCH_HEADER_BYTES) {
    const header = readBatchHeader(bytes, at)
    if (at + header.sizeBytes > bytes.length) break
    const { sizeBytes, baseOffset, lastOffsetDelta, recordsCount, isControl, isTransactional } = header
    const { codec, timestampType, partitionLeaderEpoch, producerEpoch, baseSequence } = header
    batches.push({
      ...{ sizeBytes, baseOffset, lastOffsetDelta, recordsCount, isControl, isTransactional },
      ...{ codec, timestampType, partitionLeaderEpoch, producerEpoch, baseSequence },
    })
    at += sizeBytes
  }
  return at < bytes.length ? [...batches, CUT_OFF] : batches
}
