import { present } from '@odradek/core'
import type { PartitionLog } from '@odradek/log'

/** Producers of one partition whose coordinator has been asked, and of which the log has heard nothing yet. */
export const FIRST_SEQUENCES_MAX = 10_000

interface FirstSequence {
  producerEpoch: number
  sequence: number
}

/**
 * With which batch a producer begins a transaction in a partition: the lowest sequence that its coordinator was asked
 * about. A log that does not know the producer would take a later one first, whose predecessor was refused and comes
 * again. (KAFKA-14402)
 */
export class FirstSequences {
  private readonly byLog = new WeakMap<PartitionLog, Map<bigint, FirstSequence>>()

  /** A batch is asked about. */
  note(log: PartitionLog, producerId: bigint, producerEpoch: number, sequence: number): void {
    const ofLog = this.byLog.get(log) ?? new Map<bigint, FirstSequence>()
    this.byLog.set(log, ofLog)
    const known = ofLog.get(producerId)
    if (known === undefined) {
      if (ofLog.size >= FIRST_SEQUENCES_MAX) ofLog.delete(present(ofLog.keys().next().value, 'a full map has entries'))
      ofLog.set(producerId, { producerEpoch, sequence })
    } else if (producerEpoch > known.producerEpoch) {
      Object.assign(known, { producerEpoch, sequence })
    } else if (producerEpoch === known.producerEpoch) {
      known.sequence = Math.min(known.sequence, sequence)
    }
  }

  /** Whether a batch must not be the first of its transaction. */
  isTooEarly(log: PartitionLog, producerId: bigint, sequence: number): boolean {
    const known = this.byLog.get(log)?.get(producerId)
    return known !== undefined && sequence > known.sequence
  }

  /** The log has a batch of the producer, or the end of its transaction. */
  forget(log: PartitionLog, producerId: bigint): void {
    this.byLog.get(log)?.delete(producerId)
  }
}
