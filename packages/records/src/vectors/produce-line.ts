import { leaderEpoch, offset, type WallMs } from '@odradek/core'
import { BATCH_HEADER_BYTES, CRC_AT, LENGTH_AT, patchBatch, readBatchHeader } from '../batch-header.ts'
import { checkProduceRequest } from '../produce/check-request.ts'
import type { ProduceRules } from '../produce/produce-rules.ts'
import type { ProduceVerdict } from '../produce/produce-verdict.ts'
import { validateProduced } from '../produce/validate-produced.ts'
import { describeRecords, LINE_LIMITS } from './describe-records.ts'
import { bytesOf, type RecordLine } from './record-line.ts'

/** The broker of the vectors: its clock, and the partition it appends to. */
const NOW_MS = 1_760_000_100_000
const NEXT_OFFSET = offset(5)
const EPOCH = leaderEpoch(3)

/** Errors of the producer state, which the log keeps: to `records` such a batch is good. */
const ERRORS_OF_LOG = ['OUT_OF_ORDER_SEQUENCE_NUMBER']

const isWallMs = (value: number): value is WallMs => Number.isSafeInteger(value)

/** Kafka's defaults, changed by the line's topic configs. */
function rulesOf(line: RecordLine, validation: 'batch' | 'full'): ProduceRules {
  const config = (key: string): string | undefined => line.produce?.topicConfig?.[key]
  const types = ['producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'] as const
  return {
    validation,
    maxMessageBytes: Number(config('max.message.bytes') ?? 1_048_588),
    compressionType: types.find((type) => type === config('compression.type')) ?? 'producer',
    compressionLevels: { gzip: -1, lz4: 9, zstd: 3 },
    timestampType: config('message.timestamp.type') === 'LogAppendTime' ? 'LogAppendTime' : 'CreateTime',
    timestampBeforeMaxMs: BigInt(config('message.timestamp.before.max.ms') ?? 2n ** 63n - 1n),
    timestampAfterMaxMs: BigInt(config('message.timestamp.after.max.ms') ?? 3_600_000),
    isCompacted: config('cleanup.policy')?.includes('compact') ?? false,
    maxDecompressedBytes: LINE_LIMITS.maxDecompressedBytes,
  }
}

/** Formats 0 and 1 come in old requests only; all else in the newest. */
function versionFor(bytes: Uint8Array): number {
  const magic = bytes[16]
  return magic === 0 || magic === 1 ? 2 : 13
}

/** What `records` says to a producer that sends the line's bytes, and in the words of the vectors at which stage. */
export function judgeLine(line: RecordLine, validation: 'batch' | 'full'): { stage: string; verdict: ProduceVerdict } {
  const bytes = bytesOf(line)
  const version = versionFor(bytes)
  const refusal = checkProduceRequest(bytes, version)
  if (refusal !== null) return { stage: 'request', verdict: refusal }
  if (!isWallMs(NOW_MS)) throw new Error('unreachable: a constant')
  return { stage: 'append', verdict: validateProduced(bytes, version, rulesOf(line, validation), NOW_MS) }
}

/** What stands in the log after `verdict`, as hex; the error's name when it is a refusal. */
export function outcomeOf(verdict: ProduceVerdict): string {
  if (!verdict.ok) return verdict.error
  patchBatch(verdict.batch, 0, NEXT_OFFSET, EPOCH)
  return Buffer.from(verdict.batch).toString('hex')
}

const withoutLengthAndCrc = (hex: string): string => {
  const header = Buffer.from(hex.slice(0, BATCH_HEADER_BYTES * 2), 'hex')
  header.fill(0, LENGTH_AT, LENGTH_AT + 4)
  header.fill(0, CRC_AT, CRC_AT + 4)
  return header.toString('hex')
}

const recordsIn = (hex: string): string => {
  const description = describeRecords(Buffer.from(hex, 'hex'))
  return JSON.stringify(description, (key, value) => (key === 'crc' || key === 'batchLength' ? undefined : value))
}

/** Whether our bytes may differ from Kafka's: another compressor has packed them. */
const isPackedAnew = (sent: Uint8Array, stored: string): boolean => {
  const { codec } = readBatchHeader(Buffer.from(stored, 'hex'))
  return codec !== 0 && (sent[16] !== 2 || readBatchHeader(sent).codec !== codec)
}

function storedProblems(line: RecordLine, expected: string, verdict: ProduceVerdict): string[] {
  const stored = outcomeOf(verdict)
  if (!verdict.ok) return [`refused with ${stored}: ${JSON.stringify(verdict)}`]
  const problems: string[] = []
  const { lastOffset, logAppendTime } = line.produce ?? {}
  const header = readBatchHeader(verdict.batch)
  if (`${5 + header.lastOffsetDelta}` !== lastOffset) problems.push(`last offset ${5 + header.lastOffsetDelta}`)
  const time = header.timestampType === 'LogAppendTime' ? header.maxTimestamp : -1n
  if (`${time}` !== logAppendTime) problems.push(`log append time ${time}`)
  const isSame = isPackedAnew(bytesOf(line), expected)
    ? withoutLengthAndCrc(stored) === withoutLengthAndCrc(expected) && recordsIn(stored) === recordsIn(expected)
    : stored === expected
  if (!isSame) problems.push(`stored ${stored}`)
  return problems
}

/** Where our verdict under `full` is not Kafka's; empty when it is, and for a line that says nothing about producing. */
export function produceProblems(line: RecordLine): string[] {
  const { produce } = line
  if (produce === undefined) return []
  const { stage, verdict } = judgeLine(line, 'full')
  if (produce.stored !== undefined) return storedProblems(line, produce.stored, verdict)
  const { error } = produce
  if (error === undefined) return ['the line has neither `stored` nor `error`']
  if (ERRORS_OF_LOG.includes(error.error)) return verdict.ok ? [] : [`refused with ${verdict.error}`]
  if (verdict.ok) return [`accepted, but Kafka says ${error.error}`]
  const problems: string[] = []
  if (verdict.error !== error.error) problems.push(`${verdict.error} instead of ${error.error}`)
  if (stage !== error.stage) problems.push(`at stage ${stage} instead of ${error.stage}`)
  if (verdict.recordErrors.length !== (error.recordErrors ?? 0))
    problems.push(`${verdict.recordErrors.length} record errors`)
  return problems
}
