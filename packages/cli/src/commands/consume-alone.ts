import { LATEST, listOffsets, type TopicPartition } from '../client/partition-offsets.ts'
import { PartitionReader } from '../client/partition-reader.ts'
import type { PrintRecord } from './record-printer.ts'
import type { Session } from './session.ts'

export interface ConsumeAlone {
  readonly positions: readonly (TopicPartition & { readonly offset: number })[]
  readonly isolation: 'read_committed' | 'read_uncommitted'
  readonly recordsMax: number
  readonly untilEnd: boolean
  readonly print: PrintRecord
}

/** Until there are enough, or all, or someone asks the process to stop. */
export async function consumeAlone(session: Session, consumption: ConsumeAlone): Promise<void> {
  const { positions, isolation, recordsMax, untilEnd, print } = consumption
  const { client, host } = session
  const reader = new PartitionReader(client, positions, isolation)
  const ends = untilEnd
    ? await listOffsets(
        client,
        positions.map((each) => ({ ...each, timestamp: LATEST })),
      )
    : null
  const stop = new Promise<null>((resolve) => host.onStopRequest(() => resolve(null)))
  let left = recordsMax
  while (left > 0 && !(ends?.every((end) => reader.positionOf(end) >= end.offset) ?? false)) {
    const records = await Promise.race([reader.read(), stop])
    if (records === null) return
    for (const { topic, partition, record } of records) {
      const isPastEnd = ends?.some((end) => isSame(end, { topic, partition }) && record.offset >= end.offset) ?? false
      if (left === 0 || isPastEnd) continue
      left -= 1
      const headers = record.headers.map(({ key, value }) => [Buffer.from(key).toString(), value] as const)
      host.stdout(print({ topic, partition, ...record, headers }))
    }
  }
}

const isSame = (a: TopicPartition, b: TopicPartition): boolean => a.topic === b.topic && a.partition === b.partition
