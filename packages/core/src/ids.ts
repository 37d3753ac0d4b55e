declare const brand: unique symbol

/** A value of type T that cannot be swapped with another of the same shape. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name }

/** Position of a record in a partition. The broker assigns every offset, so all of them are exact as numbers. */
export type Offset = Brand<number, 'Offset'>
/** Counts the leaders a partition has had; -1 means "not known". */
export type LeaderEpoch = Brand<number, 'LeaderEpoch'>
/** Any 64-bit value a client may send, hence a bigint. -1 means "none". */
export type ProducerId = Brand<bigint, 'ProducerId'>
/** A record's timestamp in milliseconds: clients may store any 64-bit value, hence a bigint. -1 means "none". */
export type Timestamp = Brand<bigint, 'Timestamp'>
/** Wall time in milliseconds since 1970, for records, retention and expiry of offsets; it may jump. */
export type WallMs = Brand<number, 'WallMs'>
/** Time in milliseconds that never jumps, for timers and sessions; its origin means nothing. */
export type MonotonicMs = Brand<number, 'MonotonicMs'>
/** A broker node of this cluster. */
export type NodeId = Brand<number, 'NodeId'>
/** A topic's id in Kafka's text form: 22 characters of base64url. */
export type TopicId = Brand<string, 'TopicId'>

/** @throws AssertionError when `value` is no exact non-negative integer: an offset beyond 2^53 cannot arise in a log. */
export function offset(value: number): Offset {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`not an offset: ${value}`)
  return value as Offset
}

const OFFSET_MAX = BigInt(Number.MAX_SAFE_INTEGER)
const OFFSET_MIN = BigInt(Number.MIN_SAFE_INTEGER)

/** An offset as a client sent it: exact up to 2^53, beyond that it is past every log, and so stays past every log. */
export function offsetFromWire(value: bigint): Offset {
  if (value > OFFSET_MAX) return Number.MAX_SAFE_INTEGER as Offset
  if (value < OFFSET_MIN) return Number.MIN_SAFE_INTEGER as Offset
  return Number(value) as Offset
}

/** The same, of an int64 that has been brought within these bounds already. */
export const offsetFromClamped = (value: number): Offset => value as Offset

export const leaderEpoch = (value: number): LeaderEpoch => value as LeaderEpoch
export const producerId = (value: bigint): ProducerId => value as ProducerId
export const timestamp = (value: bigint): Timestamp => value as Timestamp
export const nodeId = (value: number): NodeId => value as NodeId
export const topicId = (value: string): TopicId => value as TopicId
export const wallMs = (value: number): WallMs => value as WallMs

export const NO_TIMESTAMP = -1n as Timestamp
export const NO_PRODUCER_ID = -1n as ProducerId
export const NO_LEADER_EPOCH = -1 as LeaderEpoch
/** 16 zero bytes: "no topic id" on the wire. */
export const ZERO_TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAA' as TopicId
