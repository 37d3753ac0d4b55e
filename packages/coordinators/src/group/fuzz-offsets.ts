import { assert, type ProducerId } from '@odradek/core'
import { decodeConsumerOffsetsRecord } from '@odradek/protocol/records'
import type { Append } from '../runtime/shard.ts'
import type { OffsetStore } from './offset-store.ts'

interface Written {
  readonly at: number
  readonly offset: bigint
  readonly producerId: ProducerId | null
}

/**
 * Invariant 22, by looking at the log alone: of a partition counts what was written last, of all that no tombstone came
 * after and that is of no transaction, or of one that its marker has committed.
 */
export function checkOffsets(log: readonly Append[], offsets: OffsetStore): void {
  const written = new Map<string, Written[]>()
  const ends = new Map<ProducerId, { readonly at: number; readonly committed: boolean }[]>()
  let at = 0
  for (const { records, producer, marker } of log) {
    if (marker !== undefined) {
      const own = ends.get(marker.producerId) ?? []
      own.push({ at: at++, committed: marker.committed })
      ends.set(marker.producerId, own)
    }
    for (const { key, value } of records) {
      const decoded = decodeConsumerOffsetsRecord(key, value)
      if (decoded?.name !== 'OffsetCommit') continue
      const name = `${decoded.key.group} ${decoded.key.topic} ${decoded.key.partition}`
      const entries = written.get(name) ?? []
      written.set(name, entries)
      if (decoded.value === null) entries.length = 0
      else entries.push({ at: at++, offset: decoded.value.offset, producerId: producer?.producerId ?? null })
    }
  }
  for (const [name, entries] of written) {
    const [groupId = '', topic = '', partition = ''] = name.split(' ')
    const endOf = ({ at: from, producerId }: Written) =>
      producerId === null ? { committed: true } : ends.get(producerId)?.find((end) => end.at > from)
    const counts = entries.findLast((entry) => endOf(entry)?.committed === true)
    const isPending = entries.some((entry) => endOf(entry) === undefined)
    const found = offsets.get(groupId, topic, Number(partition))
    assert(found?.offset === counts?.offset, `22: ${name} is what the log says`)
    assert(offsets.pending.has(groupId, topic, Number(partition)) === isPending, `22: ${name} is pending or not`)
  }
}
