import type { FinalLog } from './history.ts'

/** One write of a key, in the order in which they were sent; `offset` is null without an answer. */
export interface KeyWrite {
  readonly key: string
  readonly record: string
  offset: number | null
}

/** In which ways a compacted partition does not hold the last of what was written to each key. */
export function compactionFaults(writes: readonly KeyWrite[], log: FinalLog): readonly string[] {
  const faults: string[] = []
  const places = new Map(log.records.map(({ record, offset }) => [record, offset]))
  let before = -1
  for (const { offset } of log.records) {
    if (offset <= before) faults.push(`offset ${offset} stands after ${before}`)
    before = offset
  }
  const known = new Set(writes.map(({ record }) => record))
  for (const { record, offset } of log.records) if (!known.has(record)) faults.push(`offset ${offset} is of nobody`)
  for (const { key, record, offset } of writes) {
    const place = places.get(record)
    if (offset !== null && place !== undefined && place !== offset)
      faults.push(`${key}, acknowledged at ${offset}, is at ${place}`)
  }
  for (const key of new Set(writes.map((write) => write.key))) {
    const own = writes.filter((write) => write.key === key)
    const lastAcknowledged = own.findLastIndex(({ offset }) => offset !== null)
    const lastThere = own.findLastIndex(({ record }) => places.has(record))
    if (lastThere < lastAcknowledged)
      faults.push(`${key} is at write ${lastThere}, acknowledged was ${lastAcknowledged}`)
  }
  return faults
}
