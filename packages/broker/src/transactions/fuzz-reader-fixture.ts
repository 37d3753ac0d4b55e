import { assert, offset, present } from '@odradek/core'
import { ErrorCode, Fetch, type FetchResponsePartition } from '@odradek/protocol'
import { readBatchHeader, readEndTransactionMarker, recordsOf } from '@odradek/records'
import type { TopicView } from '../cluster-view.ts'
import { fetchRequest } from '../data-requests.ts'
import type { FuzzWorld } from './fuzz-world-fixture.ts'

const VERSION = 16
const LIMITS = { maxDecompressedBytes: 1_000_000 }

/** Not there now: it is asked for again. */
const LATER: readonly number[] = [
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.LEADER_NOT_AVAILABLE,
  ErrorCode.KAFKA_STORAGE_ERROR,
]

/** A consumer of one partition, which leaves out aborted records as clients do. */
export class FuzzReader {
  readonly place: string
  /** Value to offset. */
  readonly delivered = new Map<string, number>()
  /** Below this nothing need have been delivered, where DeleteRecords was faster. */
  readonly skipped: { readonly from: number; readonly to: number }[] = []
  readonly isCommitted: boolean
  position = 0
  private readonly world: FuzzWorld
  private readonly topic: TopicView
  private readonly index: number
  private isWaiting = false
  private lastStableOffset = 0

  constructor(world: FuzzWorld, topic: TopicView, index: number, isCommitted: boolean) {
    this.world = world
    this.topic = topic
    this.index = index
    this.isCommitted = isCommitted
    this.place = world.placeOf(topic, index)
  }

  step(partitionMaxBytes = 1): void {
    const { world, topic, index, position } = this
    const now = world.fixture.cluster.topic(topic.name)
    if (this.isWaiting || now?.id !== topic.id) return
    const rest = { offset: position, partitions: [index], partitionMaxBytes, sessionEpoch: -1 }
    const request = fetchRequest('', { ...rest, topicId: topic.id, isolationLevel: this.isCommitted ? 1 : 0 })
    this.isWaiting = true
    world.ask(Fetch, VERSION, request, now.partitions[index]?.leader ?? 1, { isRepeatable: false }, (answer) => {
      this.isWaiting = false
      const row = answer?.responses[0]?.partitions[0]
      if (row !== undefined) this.take(row)
    })
  }

  private take(row: FetchResponsePartition): void {
    const { errorCode } = row
    if (LATER.includes(errorCode) || errorCode === ErrorCode.UNKNOWN_TOPIC_ID) return
    if (errorCode === ErrorCode.OFFSET_OUT_OF_RANGE) this.skip()
    else {
      assert(errorCode === ErrorCode.NONE, `${this.place}: a reader is answered ${errorCode}`)
      const stable = Number(row.lastStableOffset)
      assert(stable >= this.lastStableOffset, `${this.place}: the stable offset falls, as a reader sees it`)
      this.lastStableOffset = stable
      this.read(row)
    }
  }

  private skip(): void {
    const start = this.world.startOf(this.topic, this.index)
    assert(start > this.position, `${this.place}: ${this.position} is out of range, and nothing was deleted`)
    this.skipped.push({ from: this.position, to: start })
    this.position = start
  }

  private read({ records, abortedTransactions }: FetchResponsePartition): void {
    const bytes = records ?? new Uint8Array(0)
    const aborted = [...(abortedTransactions ?? [])].sort((a, b) => Number(a.firstOffset - b.firstOffset))
    const producers = new Set<bigint>()
    for (let at = 0; at < bytes.length; ) {
      const header = readBatchHeader(bytes, at)
      const last = header.baseOffset + header.lastOffsetDelta
      while (aborted[0] !== undefined && aborted[0].firstOffset <= last)
        producers.add(present(aborted.shift(), 'the first').producerId)
      for (const record of recordsOf(bytes, LIMITS, at)) {
        if (header.isControl) {
          const marker = readEndTransactionMarker(record.key, record.value)
          if (marker?.outcome === 'abort') producers.delete(header.producerId)
        } else if (!producers.has(header.producerId) && record.offset >= this.position) {
          this.deliver(Buffer.from(record.value ?? []).toString(), record.offset)
        }
      }
      assert(header.baseOffset <= this.position, `${this.place}: ${this.position} is left out`)
      this.position = offset(last + 1)
      at += header.sizeBytes
    }
  }

  private deliver(value: string, at: number): void {
    assert(!this.delivered.has(value), `${this.place}: ${value} is delivered twice`)
    this.delivered.set(value, at)
    if (this.isCommitted) this.world.ledger.delivered(value)
  }

  /** Whether a record at `at` had to come, given that it was committed. */
  mustHave(at: number): boolean {
    return at < this.position && !this.skipped.some(({ from, to }) => at >= from && at < to)
  }
}
