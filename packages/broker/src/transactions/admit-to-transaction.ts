import type { AddPartitionsToTxnTopic, TransactionResponse } from '@odradek/coordinators'
import { assert, type Later, type ProducerId } from '@odradek/core'
import type { ProducerStanding } from '@odradek/log'
import { ErrorCode } from '@odradek/protocol'
import type { LocalPartition, Services } from '../services.ts'

/** Whose transaction the batches belong to, as the request says. */
export interface TransactionalProducer {
  readonly transactionalId: string
  readonly producerId: ProducerId
  readonly producerEpoch: number
}

export interface AdmissionTerms {
  /** Version 2 of transactions: partitions are added by what is written to them. Before, it had to be done beforehand. */
  readonly addsPartitions: boolean
  /** Whether the client's version of the request has TRANSACTION_ABORTABLE; else it is INVALID_TXN_STATE. */
  readonly knowsTransactionAbortable: boolean
}

/** What became of one partition. */
export interface Admission {
  readonly errorCode: ErrorCode
  /**
   * To be asked right before the batch is handed to its log, with nothing awaited in between: false once the transaction
   * that was asked about has ended in this partition, so that what comes now would stand in none: INVALID_TXN_STATE.
   */
  stillHolds(): boolean
}

/**
 * The coordinator is in this process, and what it waits for is a flush of milliseconds: waiting the whole backoff, as Kafka's
 * brokers do with each other, made one producer's transactions wait 20 ms each (npm run bench:transactions).
 */
const FIRST_RETRY_MS = 1

type AdmissionServices = Pick<Services, 'transactions' | 'clock' | 'settings'>

/**
 * Asks the transaction's coordinator whether batches of the producer may enter the partitions (KIP-890); one answer for
 * each, in their order. Nobody is asked where the transaction has batches already: then the answer is there at once.
 */
export function admitToTransaction(
  producer: TransactionalProducer,
  partitions: readonly LocalPartition[],
  terms: AdmissionTerms,
  services: AdmissionServices,
): Later<readonly Admission[]> {
  const entries = partitions.map((partition) => new Entry(partition, producer))
  const unknown = entries.filter((entry) => !entry.isOpen)
  return unknown.length === 0 ? entries : ask(entries, unknown, producer, terms, services)
}

/** A producer's transaction in one partition, as it stood when it was asked about. */
class Entry implements Admission {
  readonly partition: LocalPartition
  readonly isOpen: boolean
  errorCode: ErrorCode = ErrorCode.NONE
  private readonly producer: TransactionalProducer
  private endedBefore: number

  constructor(partition: LocalPartition, producer: TransactionalProducer) {
    this.partition = partition
    this.producer = producer
    const standing = this.standing()
    this.isOpen = standing?.isTransactionOpen === true && standing.producerEpoch === producer.producerEpoch
    this.endedBefore = this.ended()
  }

  /** Before every asking: the answer is about the transaction that is on then, not about one that was waited for. */
  noteEnded(): void {
    this.endedBefore = this.ended()
  }

  stillHolds(): boolean {
    return this.ended() === this.endedBefore
  }

  private ended(): number {
    return this.standing()?.endedTransactions ?? 0
  }

  private standing(): ProducerStanding | null {
    return this.partition.log.standingOf(this.producer.producerId)
  }
}

async function ask(
  entries: readonly Entry[],
  unknown: readonly Entry[],
  producer: TransactionalProducer,
  terms: AdmissionTerms,
  services: AdmissionServices,
): Promise<readonly Admission[]> {
  const { clock, settings } = services
  const startMs = clock.monotonicMs()
  for (let retryMs = FIRST_RETRY_MS; ; retryMs *= 2) {
    for (const entry of unknown) entry.noteEnded()
    const codes = await codesOf(unknown, producer, terms, services)
    const isEnding = codes.includes(ErrorCode.CONCURRENT_TRANSACTIONS)
    const waitedMs = clock.monotonicMs() - startMs
    // The transaction before is being ended, which takes less time than the client's coming again.
    if (terms.addsPartitions && isEnding && waitedMs < settings.addPartitionsToTxnRetryBackoffMaxMs) {
      const delayMs = Math.min(retryMs, settings.addPartitionsToTxnRetryBackoffMs)
      await new Promise<void>((resolve) => clock.after(delayMs, resolve))
      continue
    }
    for (const [index, entry] of unknown.entries()) {
      entry.errorCode = clientCode(codes[index] ?? ErrorCode.UNKNOWN_SERVER_ERROR, terms)
    }
    return entries
  }
}

/** One code for each entry. */
async function codesOf(
  entries: readonly Entry[],
  producer: TransactionalProducer,
  { addsPartitions }: AdmissionTerms,
  { transactions }: AdmissionServices,
): Promise<readonly ErrorCode[]> {
  const { transactionalId } = producer
  const node = transactions.coordinatorOf(transactionalId)
  if (node === null) return entries.map(() => ErrorCode.COORDINATOR_NOT_AVAILABLE)
  const byTopic = new Map<string, number[]>()
  for (const { partition } of entries) {
    const { name } = partition.topic
    const indexes = byTopic.get(name) ?? []
    byTopic.set(name, indexes)
    indexes.push(partition.view.index)
  }
  const response = await transactions.submit(node, transactionalId, {
    kind: 'AddPartitionsToTxn',
    ...producer,
    topics: Array.from(byTopic, ([name, partitionIndexes]) => ({ name, partitionIndexes })),
    verifyOnly: !addsPartitions,
    clientTransactionVersion: addsPartitions ? 2 : 0,
    knowsProducerFenced: true,
  })
  const topics = topicsOf(response)
  return entries.map(({ partition }) => codeOf(topics, partition))
}

function topicsOf(response: TransactionResponse): readonly AddPartitionsToTxnTopic[] {
  assert(response.kind === 'AddPartitionsToTxn', `${response.kind} answers AddPartitionsToTxn`)
  return response.topics
}

function codeOf(topics: readonly AddPartitionsToTxnTopic[], { topic, view }: LocalPartition): ErrorCode {
  const rows = topics.find(({ name }) => name === topic.name)?.partitions
  return rows?.find(({ partitionIndex }) => partitionIndex === view.index)?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR
}

/** As Kafka's brokers translate what they hear from the coordinator. */
function clientCode(errorCode: ErrorCode, { knowsTransactionAbortable }: AdmissionTerms): ErrorCode {
  if (errorCode === ErrorCode.PRODUCER_FENCED) return ErrorCode.INVALID_PRODUCER_EPOCH
  if (errorCode === ErrorCode.TRANSACTION_ABORTABLE && !knowsTransactionAbortable) return ErrorCode.INVALID_TXN_STATE
  return errorCode
}
