import type { CommitEvent, FinalLog, History, PartitionName, Reading, ReadRecord, SentBatch } from './history.ts'

export type FaultKind =
  | 'lost'
  | 'changed'
  | 'duplicated'
  | 'reordered'
  | 'hole'
  | 'half-batch'
  | 'never-sent'
  | 'refused-but-there'
  | 'read-then-gone'
  | 'read-then-changed'
  | 'commit-moved-back'
  | 'commit-never-asked'

export interface Fault {
  readonly kind: FaultKind
  readonly partition: PartitionName
  readonly detail: string
}

const EMPTY: FinalLog = { logStartOffset: 0, endOffset: 0, records: [] }

/**
 * Everything in which the end does not fit what clients were told on the way. Nothing is assumed of a batch without an
 * answer but that it is there whole, or not at all.
 */
export function faultsOf(history: History): readonly Fault[] {
  const partitions = new Set([
    ...history.final.keys(),
    ...history.sent.map(({ partition }) => partition),
    ...history.readings.map(({ partition }) => partition),
  ])
  const sent = grouped(history.sent)
  const readings = grouped(history.readings)
  const logs = [...partitions].flatMap((partition) => {
    const checked = new CheckedLog(partition, history.final.get(partition) ?? EMPTY)
    return checked.check(sent.get(partition) ?? [], readings.get(partition) ?? [])
  })
  return [...logs, ...commitFaults(history.commits)]
}

function grouped<T extends { readonly partition: PartitionName }>(all: readonly T[]): ReadonlyMap<PartitionName, T[]> {
  const groups = new Map<PartitionName, T[]>()
  for (const one of all) {
    const group = groups.get(one.partition)
    if (group === undefined) groups.set(one.partition, [one])
    else group.push(one)
  }
  return groups
}

class CheckedLog {
  private readonly partition: PartitionName
  private readonly log: FinalLog
  private readonly byOffset = new Map<number, ReadRecord>()
  /** Offsets of each record's copies, in order. */
  private readonly places = new Map<string, number[]>()
  private readonly faults: Fault[] = []

  constructor(partition: PartitionName, log: FinalLog) {
    this.partition = partition
    this.log = log
    for (const read of log.records) {
      this.byOffset.set(read.offset, read)
      const places = this.places.get(read.record)
      if (places === undefined) this.places.set(read.record, [read.offset])
      else places.push(read.offset)
    }
  }

  check(sent: readonly SentBatch[], readings: readonly Reading[]): readonly Fault[] {
    this.checkOffsets()
    this.checkOrigin(sent)
    for (const batch of sent) this.checkBatch(batch)
    this.checkOrder(sent)
    for (const reading of readings) this.checkReading(reading)
    return this.faults
  }

  private fault(kind: FaultKind, detail: string): void {
    this.faults.push({ kind, partition: this.partition, detail })
  }

  private checkOffsets(): void {
    const { logStartOffset, endOffset, records } = this.log
    let next = logStartOffset
    for (const { offset } of records) {
      if (offset > next) this.fault('hole', `offsets ${next} to ${offset - 1} are not there`)
      if (offset < next) this.fault('reordered', `offset ${offset} stands after ${next - 1}`)
      next = Math.max(next, offset + 1)
    }
    if (next < endOffset) this.fault('hole', `offsets ${next} to ${endOffset - 1} are not there`)
  }

  private checkOrigin(sent: readonly SentBatch[]): void {
    const known = new Set(sent.flatMap(({ records }) => records))
    for (const { offset, record } of this.log.records)
      if (!known.has(record)) this.fault('never-sent', `offset ${offset} holds a record that nobody has sent`)
  }

  private checkBatch(sent: SentBatch): void {
    if (sent.outcome.kind === 'acknowledged') this.checkPlaces(sent, sent.outcome.baseOffset)
    const places = sent.records.map((record) => this.places.get(record) ?? [])
    // What retention has taken may have taken a part.
    const found = places.filter((offsets) => offsets.length > 0).length
    const isAged = this.log.logStartOffset > 0
    if (found > 0 && found < sent.records.length && !isAged)
      this.fault('half-batch', `${found} of ${sent.records.length} records of a batch of ${sent.producer}`)
    if (found > 0 && sent.outcome.kind === 'refused')
      this.fault('refused-but-there', `a batch of ${sent.producer} was refused with ${sent.outcome.errorCode}`)
    for (const offsets of places)
      if (offsets.length > 1) this.fault('duplicated', `a record of ${sent.producer} is at ${offsets.join(', ')}`)
  }

  private checkPlaces({ producer, records, batch }: SentBatch, baseOffset: number): void {
    for (const [index, record] of records.entries()) {
      const offset = baseOffset + index
      if (offset < this.log.logStartOffset) continue
      const read = this.byOffset.get(offset)
      if (read === undefined) this.fault('lost', `offset ${offset}, acknowledged to ${producer}`)
      else if (read.record !== record) this.fault('changed', `offset ${offset}, acknowledged to ${producer}`)
      else if (read.batch !== batch) this.fault('changed', `the batch at ${offset}, acknowledged to ${producer}`)
    }
  }

  /** What a producer sends to a partition, one connection after the other, stands there in the order of sending. */
  private checkOrder(sent: readonly SentBatch[]): void {
    const last = new Map<string, number>()
    for (const { producer, records } of sent) {
      const [place] = this.places.get(records[0] ?? '') ?? []
      if (place === undefined) continue
      const before = last.get(producer) ?? -1
      if (place < before) this.fault('reordered', `${producer} sent what is at ${place} after what is at ${before}`)
      last.set(producer, Math.max(place, before))
    }
  }

  private checkReading({ consumer, records }: Reading): void {
    let next = -1
    for (const read of records) {
      if (read.offset < next) this.fault('reordered', `${consumer} was given ${read.offset} after ${next - 1}`)
      next = read.offset + 1
      if (read.offset < this.log.logStartOffset) continue
      const now = this.byOffset.get(read.offset)
      if (now === undefined) this.fault('read-then-gone', `offset ${read.offset}, read by ${consumer}`)
      else if (now.record !== read.record || now.batch !== read.batch)
        this.fault('read-then-changed', `offset ${read.offset}, read by ${consumer}`)
    }
  }
}

function commitFaults(commits: readonly CommitEvent[]): readonly Fault[] {
  const faults: Fault[] = []
  const promised = new Map<string, number>()
  const asked = new Map<string, Set<number>>()
  for (const { group, partition, kind, offset } of commits) {
    const key = `${group} ${partition}`
    const fault = (faultKind: FaultKind, detail: string) => faults.push({ kind: faultKind, partition, detail })
    const least = promised.get(key) ?? -1
    if (kind !== 'asked' && offset < least)
      fault('commit-moved-back', `${group} was at ${least} and ${kind === 'found' ? 'is' : 'goes'} at ${offset}`)
    if (kind === 'found') {
      if (offset !== -1 && asked.get(key)?.has(offset) !== true)
        fault('commit-never-asked', `${group} is at ${offset}, which nobody has committed`)
    } else asked.set(key, (asked.get(key) ?? new Set()).add(offset))
    if (kind !== 'asked') promised.set(key, Math.max(least, offset))
  }
  return faults
}
