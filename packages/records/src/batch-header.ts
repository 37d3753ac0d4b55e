import type { LeaderEpoch, Offset, ProducerId, Timestamp } from '@odradek/core'

/** Codec bits 0-2 of a batch's attributes; 5 to 7 are no codec. */
export type CodecId = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7

/** The 61 bytes before the records of a format 2 batch, decoded. `sizeBytes` counts the whole batch, header included. */
export interface BatchHeader {
  readonly baseOffset: Offset
  readonly sizeBytes: number
  readonly partitionLeaderEpoch: LeaderEpoch
  readonly crc: number
  readonly attributes: number
  readonly codec: CodecId
  readonly timestampType: 'CreateTime' | 'LogAppendTime'
  readonly isTransactional: boolean
  readonly isControl: boolean
  readonly hasDeleteHorizon: boolean
  readonly lastOffsetDelta: number
  readonly baseTimestamp: Timestamp
  readonly maxTimestamp: Timestamp
  readonly producerId: ProducerId
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly recordsCount: number
}
