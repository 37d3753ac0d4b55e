import { type ProducerId, producerId } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import type { AddPartitionsToTxnTopic, TransactionCommand, TransactionTopic } from '../commands.ts'
import { defaultTransactionConfig } from '../config.ts'
import { including } from '../partitions.ts'
import { NO_PARTITIONS, newTransaction, type Transaction } from '../transaction.ts'
import { isTransactionState, type TransactionState } from '../transaction-state.ts'

interface Words {
  /** First the transactional id, then the producer as `ID/EPOCH`, then the rest. */
  readonly positional: readonly string[]
  readonly options: ReadonlyMap<string, string>
}

interface Producer {
  readonly producerId: ProducerId
  readonly producerEpoch: number
}

/** Reads one request of a scenario; README.md beside this file has the words. */
export function parseCommand(name: string, words: readonly string[]): TransactionCommand {
  const { positional, options } = parseWords(words)
  const transactionalId = fullText(positional[0] ?? '')
  const producer = parseProducer(positional[1])
  const rest = positional.slice(2)
  const version = Number(options.get('v') ?? 5)
  const knowsProducerFenced = version >= 2
  const clientTransactionVersion = version >= 5 ? 2 : 0
  switch (name) {
    case 'init':
      return {
        kind: 'InitProducerId',
        transactionalId,
        transactionTimeoutMs: parseMs(options.get('timeout') ?? '60s'),
        ...producer,
        newProducerId: null,
        knowsProducerFenced: version >= 4,
      }
    case 'add':
    case 'verify': {
      const verifyOnly = name === 'verify'
      const topics = parseTopics(rest)
      const versions = { clientTransactionVersion, knowsProducerFenced } as const
      return { kind: 'AddPartitionsToTxn', transactionalId, ...producer, topics, verifyOnly, ...versions }
    }
    case 'offsets':
      return {
        kind: 'AddOffsetsToTxn',
        transactionalId,
        ...producer,
        offsetsPartitionIndex: Number(rest[0]),
        knowsProducerFenced,
      }
    case 'commit':
    case 'abort': {
      const versions = { clientTransactionVersion, knowsProducerFenced } as const
      const committed = name === 'commit'
      return { kind: 'EndTxn', transactionalId, ...producer, committed, newProducerId: null, ...versions }
    }
    case 'markers':
      return { kind: 'MarkersWritten', transactionalId, ...producer, topics: rest.map(parseMarker) }
    case 'describe':
      return { kind: 'DescribeTransaction', transactionalId }
    case 'list':
      return {
        kind: 'ListTransactions',
        stateFilters: new Set(list(options.get('states'))),
        producerIdFilters: new Set(list(options.get('pids')).map(BigInt)),
        durationFilterMs: BigInt(parseMs(options.get('longer') ?? '-1ms')),
      }
    default:
      throw new Error(`no command ${name}`)
  }
}

/** A record as some earlier coordinator may have left it. */
export function parseLogged(words: readonly string[]): { transactionalId: string; transaction: Transaction } {
  const { positional, options } = parseWords(words)
  const [transactionalId = '', , state = ''] = positional
  if (!isTransactionState(state)) throw new Error(`no state ${state}`)
  const producer = parseProducer(positional[1])
  const transaction: Transaction = {
    ...newTransaction(producer.producerId),
    ...producer,
    timeoutMs: parseMs(options.get('timeout') ?? '60s'),
    state: state as TransactionState,
    partitions: including(NO_PARTITIONS, parseTopics(positional.slice(3))),
    startTimestampMs: BigInt(options.get('start') ?? -1),
    lastUpdateTimestampMs: BigInt(options.get('updated') ?? -1),
    clientTransactionVersion: options.get('tv') === '2' ? 2 : 0,
  }
  return { transactionalId, transaction }
}

export function parseMs(text = ''): number {
  const [, sign = '', digits = '', unit = ''] = /^(-?)(\d+)(ms|s|min|h|d)$/.exec(text) ?? []
  const unitMs = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 }[unit]
  if (unitMs === undefined) throw new Error(`no time: ${text}`)
  return Number(`${sign}${digits}`) * unitMs
}

export function parseSetting(text: string): [string, number] {
  const [name = '', value = ''] = text.split(':')
  if (!(name in defaultTransactionConfig)) throw new Error(`no setting ${name}`)
  return [name, name.endsWith('Ms') ? parseMs(value) : Number(value)]
}

export function parseErrorCode(name = ''): ErrorCode {
  const found = Object.entries(ErrorCode).find(([key]) => key === name)
  if (found === undefined) throw new Error(`no error ${name}`)
  return found[1]
}

function parseWords(words: readonly string[]): Words {
  const positional: string[] = []
  const options = new Map<string, string>()
  for (const word of words) {
    const equals = word.indexOf('=')
    if (equals > 0 && /^[a-z]+$/.test(word.slice(0, equals))) options.set(word.slice(0, equals), word.slice(equals + 1))
    else positional.push(word)
  }
  return { positional, options }
}

/** `ID/EPOCH`; nothing is -1 and -1. */
function parseProducer(text = '-1/-1'): Producer {
  const [id = '', epoch = ''] = text.split('/')
  return { producerId: producerId(BigInt(id)), producerEpoch: Number(epoch) }
}

/** "-" is the empty text, `NAME*N` the name N times over. */
function fullText(text: string): string {
  if (text === '-') return ''
  const repeated = /^(.+)\*(\d+)$/.exec(text)
  return repeated === null ? text : (repeated[1] ?? '').repeat(Number(repeated[2]))
}

function list(text = ''): readonly string[] {
  return text === '' ? [] : text.split(',')
}

function parseTopics(texts: readonly string[]): readonly TransactionTopic[] {
  return texts.map((text) => {
    const { topic, partition } = parsePartition(text)
    return { name: topic, partitionIndexes: [partition] }
  })
}

function parseMarker(text: string): AddPartitionsToTxnTopic {
  const [name = '', error = 'NONE'] = text.split(':')
  const { topic, partition } = parsePartition(name)
  return { name: topic, partitions: [{ partitionIndex: partition, errorCode: parseErrorCode(error) }] }
}

function parsePartition(text: string): { topic: string; partition: number } {
  const dash = text.lastIndexOf('-')
  return { topic: fullText(text.slice(0, dash)), partition: Number(text.slice(dash + 1)) }
}
