import type { FinalLog, History, PartitionName, Reading, ReadRecord, SentRecord, SentTransaction } from './history.ts'
import { offsetFaults } from './offset-checker.ts'

export type FaultKind =
  | 'lost'
  | 'duplicated'
  | 'aborted-read'
  | 'fractured'
  | 'never-sent'
  | 'reordered'
  | 'skipped'
  | 'moved'
  | 'read-then-gone'
  | 'read-then-changed'
  | 'hanging'
  | 'offset-lost'
  | 'offset-of-aborted'
  | 'offset-moved-back'

export interface Fault {
  readonly kind: FaultKind
  readonly partition: PartitionName
  readonly detail: string
}

const EMPTY: FinalLog = {
  committed: [],
  uncommitted: [],
  lastStableOffset: 0,
  highWatermark: 0,
  openTransactions: [],
}

/**
 * Everything in which what was read does not fit what producers were told. Nothing is assumed of a transaction of unknown
 * outcome but that it is there whole, its offsets included, or not at all.
 */
export function faultsOf(history: History): readonly Fault[] {
  return new CheckedHistory(history).check()
}

interface Origin {
  readonly transaction: SentTransaction
  readonly record: SentRecord
}

class CheckedHistory {
  private readonly history: History
  private readonly faults: Fault[] = []
  private readonly origins = new Map<string, Origin>()
  /** Where the final read_committed reading has each value. */
  private readonly places = new Map<string, { readonly partition: PartitionName; readonly offset: number }>()

  constructor(history: History) {
    this.history = history
    for (const transaction of history.transactions)
      for (const record of transaction.records) this.origins.set(record.value, { transaction, record })
  }

  check(): readonly Fault[] {
    const { final, transactions, readings } = this.history
    for (const [partition, log] of final) {
      this.checkLog(partition, log.committed, true)
      this.checkLog(partition, log.uncommitted, false)
      const { lastStableOffset, highWatermark, openTransactions } = log
      if (lastStableOffset !== highWatermark || openTransactions.length > 0)
        this.fault('hanging', partition, `stable up to ${lastStableOffset} of ${highWatermark}; ${openTransactions}`)
    }
    for (const transaction of transactions) this.checkTransaction(transaction)
    this.checkAcknowledged()
    this.checkOrder()
    for (const reading of readings) this.checkReading(reading)
    const isVisible = ({ records }: SentTransaction): boolean => records.some(({ value }) => this.places.has(value))
    return [...this.faults, ...offsetFaults(this.history, isVisible)]
  }

  private fault(kind: FaultKind, partition: PartitionName, detail: string): void {
    this.faults.push({ kind, partition, detail })
  }

  private checkLog(partition: PartitionName, records: readonly ReadRecord[], isCommitted: boolean): void {
    const seen = new Map<string, number>()
    let next = 0
    for (const { offset, value } of records) {
      if (offset < next) this.fault('reordered', partition, `offset ${offset} stands after ${next - 1}`)
      next = offset + 1
      const before = seen.get(value)
      if (before !== undefined) this.fault('duplicated', partition, `${value} is at ${before} and at ${offset}`)
      seen.set(value, offset)
      const origin = this.origins.get(value)
      if (origin === undefined || origin.record.partition !== partition)
        this.fault('never-sent', partition, `${value} at ${offset} was not sent there`)
      if (isCommitted) this.places.set(value, { partition, offset })
    }
  }

  private checkTransaction({ producer, records, outcome }: SentTransaction): void {
    const visible = records.filter(({ value }) => this.places.has(value))
    const missing = records.find(({ value }) => !this.places.has(value))
    const [first] = visible
    if (first !== undefined && outcome === 'aborted')
      this.fault('aborted-read', first.partition, `${first.value} of an aborted transaction of ${producer} is there`)
    if (missing === undefined) return
    const share = `${visible.length} of ${records.length} records of a transaction of ${producer} (${outcome})`
    if (first !== undefined) this.fault('fractured', missing.partition, `${share}; not there: ${missing.value}`)
    else if (outcome === 'committed') this.fault('lost', missing.partition, `${share}, as ${missing.value}`)
  }

  /** An answered produce is in the log, committed or not, where the answer said. */
  private checkAcknowledged(): void {
    const logs = new Map<PartitionName, ReadonlyMap<number, string>>()
    for (const [partition, { uncommitted }] of this.history.final)
      logs.set(partition, new Map(uncommitted.map(({ offset, value }) => [offset, value])))
    for (const { record } of this.origins.values()) {
      if (record.offset === null) continue
      const there = logs.get(record.partition)?.get(record.offset)
      if (there !== record.value)
        this.fault('moved', record.partition, `${record.value} was answered with ${record.offset}; there: ${there}`)
    }
  }

  /** A producer's records stand in a partition in the order in which it sent them. */
  private checkOrder(): void {
    const last = new Map<string, number>()
    for (const { producer, records } of this.history.transactions)
      for (const { value, partition } of records) {
        const offset = this.places.get(value)?.offset
        if (offset === undefined) continue
        const before = last.get(`${producer} ${partition}`) ?? -1
        if (offset < before)
          this.fault('reordered', partition, `${producer} sent ${value} at ${offset} after what is at ${before}`)
        last.set(`${producer} ${partition}`, Math.max(before, offset))
      }
  }

  private checkReading({ consumer, partition, records, position }: Reading): void {
    const final = (this.history.final.get(partition) ?? EMPTY).committed
    const now = new Map(final.map(({ offset, value }) => [offset, value]))
    const given = new Set<number>()
    let next = 0
    for (const { offset, value } of records) {
      if (offset < next) this.fault('reordered', partition, `${consumer} was given ${offset} after ${next - 1}`)
      next = offset + 1
      given.add(offset)
      const there = now.get(offset)
      if (there === value) continue
      if (this.origins.get(value)?.transaction.outcome === 'aborted')
        this.fault('aborted-read', partition, `${consumer} was given ${value} of an aborted transaction`)
      else if (there === undefined)
        this.fault('read-then-gone', partition, `${value} at ${offset}, read by ${consumer}`)
      else this.fault('read-then-changed', partition, `${value} at ${offset}, read by ${consumer}, is now ${there}`)
    }
    // The last stable offset is what keeps a consumer from passing by what is decided later.
    for (const { offset, value } of final)
      if (offset < position && !given.has(offset))
        this.fault('skipped', partition, `${consumer} is at ${position} and was never given ${value} at ${offset}`)
  }
}
