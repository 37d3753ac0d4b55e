import { type Prng, timestamp } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { buildBatch } from '@odradek/records'
import type { WireClient } from '../harness/wire-client.ts'
import type { History, SentRecord, SentTransaction } from './history.ts'
import * as calls from './transaction-calls.ts'
import { TransactionClient } from './transaction-client.ts'

const TIMEOUT_MS = 60_000
/** Of the producers that now and then sleep through it. */
const SHORT_TIMEOUT_MS = 700
const BATCHES_MAX = 4
const RECORDS_MAX = 4

export interface TransactionProducerOptions {
  readonly port: number
  readonly name: string
  readonly topic: string
  readonly partitions: number
  readonly dialect: calls.Dialect
  readonly prng: Prng
  readonly history: History
  /** Its transactions time out soon, and now and then it is too late. */
  readonly isSleepy: boolean
}

/** The broker has refused to go on with the transaction: only a new identity helps. */
class Refused extends Error {
  override readonly name = 'Refused'
}

/** One epoch of the producer. */
interface Session extends calls.Identity {
  readonly sequences: Map<number, number>
}

/** What becomes of a transaction after its records were sent. */
type End = 'commit' | 'abort' | 'die' | 'die-committing' | 'fenced' | 'late-record' | 'sleep'

/**
 * One transactional id: transactions of random batches and an offset, that end in every way that clients know. What it has
 * sent and was answered goes into the history.
 */
export class TransactionProducer {
  readonly ends = new Map<End | 'refused', number>()
  private readonly options: TransactionProducerOptions
  private readonly group: string
  private client: TransactionClient
  private session: Session | null = null
  private records = 0
  private offset = 0
  private isStopped = false
  private readonly running: Promise<void>

  constructor(options: TransactionProducerOptions) {
    this.options = options
    this.group = `group-${options.name}`
    this.client = this.newClient()
    this.running = this.run()
    this.running.catch(() => {})
  }

  /** Resolves when its last transaction has ended, as far as it can end it. @throws what a client must never meet. */
  async stop(): Promise<void> {
    this.isStopped = true
    await this.running
    this.client.close()
  }

  private newClient(): TransactionClient {
    return new TransactionClient(this.options.port, this.options.name, this.group)
  }

  private target(): { group: string; partition: string } {
    return { group: this.group, partition: `${this.options.topic}-0` }
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      try {
        await this.transaction()
      } catch (error) {
        if (!(error instanceof Refused)) throw error
        this.count('refused')
        this.session = null
      }
    }
  }

  private count(end: End | 'refused'): void {
    this.ends.set(end, (this.ends.get(end) ?? 0) + 1)
  }

  private async initialized(): Promise<Session> {
    const { name, dialect, isSleepy } = this.options
    const timeoutMs = isSleepy ? SHORT_TIMEOUT_MS : TIMEOUT_MS
    const answer = await this.client.ask('InitProducerId', (client) =>
      calls.initProducerId(client, dialect.initProducerId, name, timeoutMs),
    )
    if (answer.errorCode !== ErrorCode.NONE) throw new Error(`InitProducerId of ${name}: error ${answer.errorCode}`)
    return this.goOnWith(answer)
  }

  /** Sequences begin anew with every epoch. */
  private goOnWith({ producerId, producerEpoch }: calls.Identity): Session {
    const { session } = this
    if (session?.producerId === producerId && session.producerEpoch === producerEpoch) return session
    this.session = { producerId, producerEpoch, sequences: new Map() }
    return this.session
  }

  private async transaction(): Promise<void> {
    const { prng, dialect, isSleepy, history, name } = this.options
    const session = this.session ?? (await this.initialized())
    const transaction: SentTransaction = { producer: name, records: [], offsets: [], outcome: 'aborted' }
    history.transactions.push(transaction)
    await this.sendAll(session, transaction)
    if (prng.below(2) === 0) await this.sendOffset(session, transaction)
    const end = this.chooseEnd(prng.below(100), isSleepy, calls.bumpsAtEveryEnd(dialect))
    await this.finish(end, session, transaction)
    this.count(end)
  }

  private chooseEnd(percent: number, isSleepy: boolean, bumps: boolean): End {
    if (percent < 8) return 'abort'
    if (percent < 12) return 'die'
    if (percent < 16) return 'die-committing'
    if (percent < 20) return 'fenced'
    if (percent < 24 && bumps) return 'late-record'
    if (percent < 32 && isSleepy) return 'sleep'
    return 'commit'
  }

  private async finish(end: End, session: Session, transaction: SentTransaction): Promise<void> {
    switch (end) {
      case 'commit':
        return this.end(session, transaction, true)
      case 'abort':
        return this.end(session, transaction, false)
      case 'die':
        return this.die(null)
      case 'die-committing':
        transaction.outcome = 'unknown'
        return this.die((client) => this.endOf(client, session, true))
      case 'fenced':
        return this.goOnAfterFencing(session, transaction)
      case 'late-record':
        return this.sendLateRecord(session, transaction)
      case 'sleep':
        await new Promise((resume) => setTimeout(resume, SHORT_TIMEOUT_MS * 2))
        await this.sendBatch(session, transaction)
        return this.end(session, transaction, true)
    }
  }

  private async sendAll(session: Session, transaction: SentTransaction): Promise<void> {
    const batches = 1 + this.options.prng.below(BATCHES_MAX)
    for (let batch = 0; batch < batches; batch++) await this.sendBatch(session, transaction)
  }

  private async sendBatch(session: Session, transaction: SentTransaction): Promise<void> {
    const { dialect, name, topic, partitions, prng } = this.options
    const partition = prng.below(partitions)
    const { records, bytes } = this.nextBatch(session, partition)
    transaction.records.push(...records)
    if (!calls.bumpsAtEveryEnd(dialect)) {
      const added = await this.client.ask('AddPartitionsToTxn', (client) =>
        calls.addPartitions(client, dialect.addPartitions, name, session, topic, [partition]),
      )
      accept(added)
    }
    const answer = await this.client.ask('Produce', (client) =>
      calls.produceBatch(client, dialect.produce, name, topic, partition, bytes),
    )
    accept(answer)
    for (const [index, record] of records.entries()) record.offset = answer.baseOffset + index
  }

  private nextBatch(session: Session, partition: number): { records: SentRecord[]; bytes: Uint8Array } {
    const { name, topic, prng } = this.options
    const records = Array.from({ length: 1 + prng.below(RECORDS_MAX) }, () => ({
      partition: `${topic}-${partition}`,
      value: `${name}/${this.records++}`,
      offset: null,
    }))
    const now = timestamp(BigInt(Date.now()))
    const { producerId, producerEpoch, sequences } = session
    const baseSequence = sequences.get(partition) ?? 0
    sequences.set(partition, baseSequence + records.length)
    const bytes = buildBatch({
      records: records.map(({ value }) => ({ timestamp: now, key: null, value: Buffer.from(value) })),
      producerId,
      producerEpoch,
      baseSequence,
      isTransactional: true,
    })
    return { records, bytes }
  }

  private async sendOffset(session: Session, transaction: SentTransaction): Promise<void> {
    const { dialect, name } = this.options
    const sent = { ...this.target(), offset: ++this.offset }
    transaction.offsets.push(sent)
    if (!calls.bumpsAtEveryEnd(dialect))
      accept(
        await this.client.ask('AddOffsetsToTxn', (client) =>
          calls.addOffsets(client, dialect.addOffsets, name, session, this.group),
        ),
      )
    accept(
      await this.client.ask('TxnOffsetCommit', (client) =>
        calls.commitOffset(client, dialect.txnOffsetCommit, name, session, sent),
      ),
    )
  }

  private endOf(client: WireClient, session: Session, committed: boolean) {
    return calls.endTransaction(client, this.options.dialect.endTxn, this.options.name, session, committed)
  }

  private async end(session: Session, transaction: SentTransaction, committed: boolean): Promise<void> {
    if (committed) transaction.outcome = 'unknown'
    const answer = await this.client.ask('EndTxn', (client) => this.endOf(client, session, committed))
    if (answer.errorCode !== ErrorCode.NONE) {
      // The first attempt was refused, so it is known that nothing was committed.
      if (!answer.isRetry) transaction.outcome = 'aborted'
      throw new Refused(`EndTxn: error ${answer.errorCode}`)
    }
    if (this.session === session) this.goOnWith(answer.next)
    if (!committed) return
    transaction.outcome = 'committed'
    for (const offset of transaction.offsets) this.options.history.offsetEvents.push({ ...offset, kind: 'committed' })
    if (this.options.prng.below(4) === 0) await this.findOffset()
  }

  private async findOffset(): Promise<void> {
    const offset = await this.stableOffset()
    this.options.history.offsetEvents.push({ ...this.target(), kind: 'found', offset })
  }

  private async stableOffset(): Promise<number> {
    const { partition } = this.target()
    const found = await this.client.ask('OffsetFetch', (client) => calls.stableOffset(client, this.group, partition))
    if (found.errorCode !== ErrorCode.NONE) throw new Error(`OffsetFetch of ${this.group}: error ${found.errorCode}`)
    return found.offset
  }

  /** As kill -9 leaves it; the next transaction is that of a new process. */
  private async die(lastWords: Parameters<TransactionClient['drop']>[0] | null): Promise<void> {
    await this.client.drop(lastWords ?? undefined)
    this.client = this.newClient()
    this.session = null
  }

  /** A second process with the same id begins its own transaction, in the middle of which the first one goes on with its. */
  private async goOnAfterFencing(stale: Session, transaction: SentTransaction): Promise<void> {
    const { history, name } = this.options
    const session = await this.initialized()
    const next: SentTransaction = { producer: name, records: [], offsets: [], outcome: 'aborted' }
    history.transactions.push(next)
    await this.sendAll(session, next)
    for (const step of [
      () => this.sendBatch(stale, transaction),
      () => this.sendOffset(stale, transaction),
      () => this.end(stale, transaction, true),
    ])
      await isRefused(step())
    await this.end(session, next, true)
  }

  /** After its end a record of the old transaction comes, to a partition of the next one. (KIP-890) */
  private async sendLateRecord(session: Session, transaction: SentTransaction): Promise<void> {
    const { history, name, topic, partitions, dialect } = this.options
    const late: SentTransaction = { producer: name, records: [], offsets: [], outcome: 'aborted' }
    const batches = Array.from({ length: partitions }, (_, partition) => ({
      partition,
      ...this.nextBatch(session, partition),
    }))
    await this.end(session, transaction, true)
    const next: SentTransaction = { producer: name, records: [], offsets: [], outcome: 'aborted' }
    history.transactions.push(late, next)
    const current = this.session ?? (await this.initialized())
    await this.sendAll(current, next)
    for (const { partition, records, bytes } of batches) {
      late.records.push(...records)
      await this.client.ask('late Produce', (client) =>
        calls.produceBatch(client, dialect.produce, name, topic, partition, bytes),
      )
    }
    await this.end(current, next, true)
  }
}

function accept({ errorCode }: calls.Answer): void {
  if (errorCode !== ErrorCode.NONE) throw new Refused(`error ${errorCode}`)
}

async function isRefused(step: Promise<void>): Promise<boolean> {
  try {
    await step
    return false
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return true
  }
}
