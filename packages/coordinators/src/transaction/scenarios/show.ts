import { errorName } from '@odradek/protocol'
import { decodeTransactionStateRecord } from '@odradek/protocol/records'
import type { CoordinatorRecord } from '../../runtime/shard.ts'
import type { TransactionEffect, TransactionResponse, TransactionTopic } from '../commands.ts'
import { transactionOf } from '../records.ts'

/** One line that shows all of a response that can differ. Times are shown as distance from now. */
export function showResponse(response: TransactionResponse, nowMs: number): string {
  const { kind, errorCode } = response
  switch (kind) {
    case 'InitProducerId':
    case 'EndTxn': {
      const { producerId, producerEpoch } = response
      const producer = producerId === -1n && producerEpoch === -1 ? '' : ` ${producerId}/${producerEpoch}`
      return `${kind === 'EndTxn' ? 'end' : 'init'} ${errorName(errorCode)}${producer}`
    }
    case 'AddPartitionsToTxn': {
      const rows = response.topics.flatMap(({ name, partitions }) =>
        partitions.map((row) => `${text(name)}-${row.partitionIndex} ${errorName(row.errorCode)}`),
      )
      return `add ${errorName(errorCode)}: ${rows.join(', ')}`
    }
    case 'DescribeTransaction': {
      const { transactionState, transactionTimeoutMs, transactionStartTimeMs, producerId, producerEpoch } = response
      return `describe ${errorName(errorCode)} ${text(transactionState)} ${producerId}/${producerEpoch} timeout ${transactionTimeoutMs} start ${time(transactionStartTimeMs, nowMs)}${showTopics(response.topics)}`
    }
    case 'ListTransactions': {
      const rows = response.transactionStates.map((row) =>
        [row.transactionalId, row.producerId, row.transactionState].join(' '),
      )
      const unknown = response.unknownStateFilters.length === 0 ? [] : [`unknown ${response.unknownStateFilters}`]
      return `list ${[errorName(errorCode), ...unknown, ...rows].join(', ')}`
    }
    case 'AddOffsetsToTxn':
      return `offsets ${errorName(errorCode)}`
    case 'MarkersWritten':
      return `markers ${errorName(errorCode)}`
    case 'AbortTimedOut':
      return `abort-timed-out ${errorName(errorCode)}`
  }
}

export function showEffect(effect: TransactionEffect): string {
  const producer = `${effect.transactionalId} ${effect.producerId}/${effect.producerEpoch}`
  if (effect.kind === 'ProducerIdWanted') return `want producer id ${producer}`
  const end = effect.committed ? 'commit' : 'abort'
  return `ask markers ${producer} ${end} version ${effect.transactionVersion} epoch ${effect.coordinatorEpoch}${showTopics(effect.topics)}`
}

export function showRecord(record: CoordinatorRecord, nowMs: number): string {
  const decoded = decodeTransactionStateRecord(record.key, record.value)
  if (decoded === null) return 'another record'
  const { transactionalId } = decoded.key
  if (decoded.value === null) return `${text(transactionalId)} gone`
  const value = transactionOf(decoded.value)
  const { previousProducerId: previous, nextProducerId: next } = value
  const parts = [
    `${text(transactionalId)} ${value.producerId}/${value.producerEpoch} ${value.state}${showPartitions(decoded.value.transactionPartitions)}`,
    `timeout ${value.timeoutMs} start ${time(value.startTimestampMs, nowMs)}`,
    ...(previous === value.producerId ? [] : [`previous ${previous}`]),
    ...(next === -1n ? [] : [`next ${next}`]),
    ...(value.clientTransactionVersion === 0 ? [] : [`version ${value.clientTransactionVersion}`]),
    ...(value.lastUpdateTimestampMs === BigInt(nowMs) ? [] : [`updated ${time(value.lastUpdateTimestampMs, nowMs)}`]),
  ]
  return parts.join(' ')
}

function showTopics(topics: readonly TransactionTopic[]): string {
  return topics.map(({ name, partitionIndexes }) => ` ${text(name)}-${partitionIndexes.join('+')}`).join('')
}

function showPartitions(topics: readonly { readonly topic: string; readonly partitionIds: number[] }[] | null): string {
  return topics === null
    ? ''
    : ` [${topics.map(({ topic, partitionIds }) => `${text(topic)}-${partitionIds.join('+')}`).join(' ')}]`
}

function time(timestampMs: bigint, nowMs: number): string {
  return timestampMs <= 0n
    ? `${timestampMs}`
    : `now${timestampMs === BigInt(nowMs) ? '' : `${timestampMs - BigInt(nowMs)}`}`
}

function text(value: string): string {
  const [first = '-'] = value
  return value.length > 20 && value === first.repeat(value.length) ? `${first}*${value.length}` : value || '-'
}
