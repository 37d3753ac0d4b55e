import { type Later, leaderEpoch, type Offset, timestamp } from '@odradek/core'
import { readBatchHeader, recordsOf } from '@odradek/records'
import type { PartitionLog } from '../../partition-log.ts'
import { readCommitted } from '../keyed-history.ts'
import { endOf, type PartitionModel } from './partition-model.ts'

const LIMITS = { maxDecompressedBytes: 1_000_000 }

/** A log that a process has just opened, and what is known of it. */
export interface Recovered {
  readonly log: PartitionLog
  readonly model: PartitionModel
  /** Offset below which nothing may be missing. */
  readonly promisedEnd: number
  readonly isCompacted: boolean
  settle<T>(value: Later<T>): Promise<T>
}

function expect(isSo: boolean, what: () => string): void {
  if (!isSo) throw new Error(what())
}

/** All that must hold of a log after any end of the process before. Leaves the model as the log is. */
export async function checkRecovered(recovered: Recovered): Promise<void> {
  const { log, model, promisedEnd } = recovered
  const { startOffset, endOffset, failure } = log
  expect(failure === null, () => `the log failed: ${failure}`)
  expect(
    startOffset >= model.promisedStart && startOffset <= model.startOffsetMax,
    () => `starts at ${startOffset}, not within ${model.promisedStart} to ${model.startOffsetMax}`,
  )
  expect(endOffset >= promisedEnd, () => `ends at ${endOffset}, but ${promisedEnd} was promised`)
  expect(endOffset <= Math.max(model.endOffset, startOffset), () => `ends at ${endOffset} of ${model.endOffset}`)
  model.entries = model.entries.filter((entry) => endOf(entry) <= endOffset)
  model.startOffset = startOffset
  expect(
    startOffset === endOffset || model.endOffset === endOffset,
    () => `ends at ${endOffset}, in the middle of a batch`,
  )
  await checkBytes(recovered)
  checkProducers(recovered)
  await checkCommitted(recovered)
  await checkLookups(recovered)
}

async function checkBytes(recovered: Recovered): Promise<void> {
  const { isCompacted, log, model } = recovered
  const bytes = await readAll(recovered)
  if (!isCompacted) {
    const expected = model.bytesFrom(log.startOffset)
    expect(bytes.equals(expected), () => `other bytes: ${describe(bytes)}\nexpected:    ${describe(expected)}`)
    checkEpochs(recovered)
  }
}

/** Each batch's epoch, and where each epoch ends. */
function checkEpochs({ log, model }: Recovered): void {
  const entries = model.entries.filter((entry) => endOf(entry) > log.startOffset)
  for (const [index, { header }] of entries.entries()) {
    const epoch = header.partitionLeaderEpoch
    const at = Math.max(header.baseOffset, log.startOffset)
    expect(log.epochAt(at as Offset) === epoch, () => `epoch ${log.epochAt(at as Offset)} at ${at}, not ${epoch}`)
    const next = entries.slice(index).find((entry) => entry.header.partitionLeaderEpoch > epoch)
    const end = log.endOffsetForEpoch(leaderEpoch(epoch))
    const expected = next?.header.baseOffset ?? log.endOffset
    expect(end?.endOffset === expected, () => `epoch ${epoch} ends at ${end?.endOffset}, not ${expected}`)
  }
}

/** Those of whom a batch is left; what went with older segments may be known or not. */
function checkProducers({ log, model }: Recovered): void {
  const known = new Map(log.producers().map((view) => [view.producerId as bigint, view]))
  for (const producer of model.producers().values()) {
    const isLeft = model.entries.some(
      ({ header }) =>
        header.producerId === producer.producerId && !header.isControl && header.baseOffset >= log.startOffset,
    )
    if (!isLeft) continue
    const view = known.get(producer.producerId)
    const found = [view?.producerEpoch, view?.lastSequence]
    const expected = [producer.epoch, producer.lastSequence]
    expect(found.join() === expected.join(), () => `producer ${producer.producerId}: ${found}, not ${expected}`)
    const openedAt = view?.currentTransactionStartOffset ?? -1
    const isSame = openedAt === producer.openedAt || (producer.openedAt >= 0 && producer.openedAt < log.startOffset)
    expect(
      isSame,
      () => `producer ${producer.producerId} is in a transaction from ${openedAt}, not ${producer.openedAt}`,
    )
  }
}

/** What a reader of committed records sees: by the last stable offset and the lists of aborted transactions. */
async function checkCommitted({ isCompacted, log, model, settle }: Recovered): Promise<void> {
  const expected = model.committed(log.startOffset)
  const isOpenBefore = [...model.producers().values()].some(
    ({ openedAt }) => openedAt >= 0 && openedAt < log.startOffset,
  )
  if (isOpenBefore) return
  expect(
    log.lastStableOffset === Math.max(expected.lastStableOffset, log.startOffset),
    () => `last stable offset ${log.lastStableOffset}, not ${expected.lastStableOffset}`,
  )
  const found = await readCommitted({ log, settle })
  for (const [offset, text] of found.records) {
    expect(expected.records.get(offset) === text, () => `${offset} is ${text}, not ${expected.records.get(offset)}`)
  }
  expect(
    isCompacted || found.records.size === expected.records.size,
    () => `${found.records.size} committed records, not ${expected.records.size}`,
  )
  for (const [key, value] of expected.table) {
    expect(found.table.get(key) === value, () => `${key} is ${found.table.get(key)}, not ${value}`)
  }
  expect(found.table.size === expected.table.size, () => `more keys than ${[...expected.table.keys()]}`)
}

async function checkLookups(recovered: Recovered): Promise<void> {
  const { log, settle } = recovered
  const records: { offset: number; timestamp: bigint }[] = []
  const bytes = await readAll(recovered)
  for (let at = 0; at < bytes.byteLength; at += readBatchHeader(bytes, at).sizeBytes) {
    for (const { offset, timestamp } of recordsOf(bytes, LIMITS, at)) {
      if (offset >= log.startOffset) records.push({ offset, timestamp })
    }
  }
  for (let index = 0; index < records.length; index += Math.ceil(records.length / 4)) {
    const asked = records[index]
    if (asked === undefined) continue
    const first = records.find((one) => one.timestamp >= asked.timestamp)
    const found = await settle(log.lookupTimestamp(timestamp(asked.timestamp), 'end'))
    expect(found?.offset === first?.offset, () => `time ${asked.timestamp} at ${found?.offset}, not ${first?.offset}`)
    const batch = await read(recovered, asked.offset, 1)
    const header = readBatchHeader(batch)
    const isIn = header.baseOffset <= asked.offset && header.baseOffset + header.lastOffsetDelta >= asked.offset
    expect(isIn, () => `a read at ${asked.offset} gives ${describe(batch)}`)
  }
}

export async function readAll({ log, settle }: Pick<Recovered, 'log' | 'settle'>): Promise<Buffer> {
  const pieces: Buffer[] = []
  for (let next: number = log.startOffset; ; ) {
    const piece = await read({ log, settle }, next, 100_000)
    if (piece.byteLength === 0) return Buffer.concat(pieces)
    pieces.push(piece)
    for (let at = 0; at < piece.byteLength; ) {
      const header = readBatchHeader(piece, at)
      next = header.baseOffset + header.lastOffsetDelta + 1
      at += header.sizeBytes
    }
  }
}

async function read({ log, settle }: Pick<Recovered, 'log' | 'settle'>, at: number, bytesMax: number): Promise<Buffer> {
  const offset = at as Offset
  const result = await settle(log.read({ offset, bytesMax, atLeastOneBatch: true, bound: 'end' }))
  if (!result.ok) throw new Error(`a read at ${at} answers ${result.error}: ${log.failure}`)
  const bytes = Buffer.from(result.records)
  result.release()
  return bytes
}

function describe(bytes: Buffer): string {
  const batches: string[] = []
  for (let at = 0; at < bytes.byteLength; ) {
    const header = readBatchHeader(bytes, at)
    batches.push(`${header.baseOffset}+${header.lastOffsetDelta}(epoch ${header.partitionLeaderEpoch})`)
    at += header.sizeBytes
  }
  return batches.join(' ')
}
