import type { Fault, FaultKind } from './checker.ts'
import type { History, SentOffset, SentTransaction } from './history.ts'

const NONE = -1

interface Sent {
  readonly offset: number
  readonly isVisible: boolean
}

const keyOf = ({ group, partition }: SentOffset): string => `${group} ${partition}`

/** Offsets of transactions are there exactly when the transactions' records are. */
export function offsetFaults(history: History, isVisible: (transaction: SentTransaction) => boolean): readonly Fault[] {
  const sent = new Map<string, Sent[]>()
  for (const transaction of history.transactions)
    for (const offset of transaction.offsets) {
      const all = sent.get(keyOf(offset)) ?? []
      all.push({ offset: offset.offset, isVisible: isVisible(transaction) })
      sent.set(keyOf(offset), all)
    }
  return [...eventFaults(history, sent), ...finalFaults(history, sent)]
}

const faultOf = (kind: FaultKind, { partition }: SentOffset, detail: string): Fault => ({ kind, partition, detail })

function isOfVisible(sent: readonly Sent[], offset: number): boolean {
  return offset === NONE || sent.some((one) => one.offset === offset && one.isVisible)
}

function eventFaults({ offsetEvents }: History, sent: ReadonlyMap<string, Sent[]>): readonly Fault[] {
  const faults: Fault[] = []
  const promised = new Map<string, number>()
  const found = new Map<string, number>()
  for (const event of offsetEvents) {
    const key = keyOf(event)
    const { kind, group, offset } = event
    if (kind === 'committed') {
      promised.set(key, offset)
      continue
    }
    const least = promised.get(key) ?? NONE
    const before = found.get(key) ?? NONE
    if (!isOfVisible(sent.get(key) ?? [], offset))
      faults.push(faultOf('offset-of-aborted', event, `${group} was at ${offset}, which no committed transaction set`))
    if (offset < before) faults.push(faultOf('offset-moved-back', event, `${group} was at ${before}, then ${offset}`))
    else if (offset < least)
      faults.push(faultOf('offset-lost', event, `${group} was at ${offset} after the commit of ${least}`))
    found.set(key, offset)
  }
  return faults
}

function finalFaults({ finalOffsets }: History, sent: ReadonlyMap<string, Sent[]>): readonly Fault[] {
  const faults: Fault[] = []
  for (const { group, partition, offset } of finalOffsets) {
    if (offset === null) {
      faults.push({ kind: 'hanging', partition, detail: `an offset of ${group} is still pending` })
      continue
    }
    const end = { group, partition, offset }
    const all = sent.get(keyOf(end)) ?? []
    const last = all.findLast((one) => one.isVisible)?.offset ?? NONE
    if (end.offset < last)
      faults.push(faultOf('offset-lost', end, `${end.group} ends at ${end.offset}, not at ${last}`))
    else if (end.offset > last)
      faults.push(faultOf('offset-of-aborted', end, `${end.group} ends at ${end.offset}, not at ${last}`))
  }
  return faults
}
