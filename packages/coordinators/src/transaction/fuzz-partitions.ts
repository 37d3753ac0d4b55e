import { assert } from '@odradek/core'
import type { WriteMarkersEffect } from './commands.ts'

interface OpenTransaction {
  readonly name: string
  readonly producerEpoch: number
}

/** The partitions that transactions write to: what is open in them, and how each transaction has ended. */
export class FuzzPartitions {
  private readonly epochs = new Map<string, number>()
  private readonly open = new Map<string, OpenTransaction>()
  private readonly ends = new Map<string, boolean>()

  get openCount(): number {
    return this.open.size
  }

  /** A record of the named transaction; from a fenced producer it is refused, as a partition's leader does. */
  write(partition: number, producerId: bigint, producerEpoch: number, name: string): void {
    const key = `${partition} ${producerId}`
    if ((this.epochs.get(key) ?? -1) > producerEpoch) return
    const before = this.open.get(key)
    assert(before === undefined || before.name === name, `5: ${name} is written into ${before?.name}, which is open`)
    this.epochs.set(key, producerEpoch)
    this.open.set(key, { name, producerEpoch })
  }

  mark(partition: number, marker: WriteMarkersEffect): void {
    const { producerId, producerEpoch, committed, transactionVersion } = marker
    const key = `${partition} ${producerId}`
    assert((this.epochs.get(key) ?? -1) <= producerEpoch, '3: the epoch of a marker never falls')
    this.epochs.set(key, producerEpoch)
    const ended = this.open.get(key)
    if (ended === undefined) return
    const isOfItsEpoch =
      transactionVersion === 2 ? ended.producerEpoch === producerEpoch - 1 : ended.producerEpoch <= producerEpoch
    assert(isOfItsEpoch, `4: ${ended.name} is ended by its own marker`)
    this.open.delete(key)
    this.ended(ended.name, committed)
  }

  /** Every partition, and the answer that the producer has seen, say the same. */
  ended(name: string, committed: boolean): void {
    assert((this.ends.get(name) ?? committed) === committed, `5: ${name} is committed here and aborted there`)
    this.ends.set(name, committed)
  }
}
