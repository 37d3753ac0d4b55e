import { assert } from '@odradek/core'
import type { MessageSchema } from './message-schema.ts'
import { Reader } from './wire/reader.ts'
import { Writer } from './wire/writer.ts'

/** What stands before every record of the metadata log today. */
const metadataFrameVersion = 1

/** A key of `__consumer_offsets`, `__transaction_state` or `__share_group_state`: its type as int16, then the body. */
export function encodeRecordKey<Input>(schema: MessageSchema<unknown, Input>, key: Input): Uint8Array {
  assert(schema.type !== null, `${schema.name} is no record key`)
  const writer = new Writer()
  writer.int16(schema.type)
  schema.write(writer, 0, key)
  return writer.toBytes()
}

/** A value of the same topics, a control record or an embedded blob: its version as int16, then the body. */
export function encodeRecordValue<Input>(
  schema: MessageSchema<unknown, Input>,
  version: number,
  value: Input,
): Uint8Array {
  assertVersion(schema, version)
  const writer = new Writer()
  writer.int16(version)
  schema.write(writer, version, value)
  return writer.toBytes()
}

/** The reverse of `encodeRecordValue`; null stays null, for it removes the record. */
export function decodeRecordValue<Value>(schema: MessageSchema<Value, never>, bytes: Uint8Array): Value
export function decodeRecordValue<Value>(schema: MessageSchema<Value, never>, bytes: Uint8Array | null): Value | null
export function decodeRecordValue<Value>(schema: MessageSchema<Value, never>, bytes: Uint8Array | null): Value | null {
  if (bytes === null) return null
  const reader = new Reader(bytes)
  return readInVersion(schema, reader, reader.int16())
}

/**
 * A blob that a client made, such as a consumer's subscription: a version newer than ours is read as our newest,
 * because versions of these may only append.
 */
export function decodeEmbedded<Value>(schema: MessageSchema<Value, never>, bytes: Uint8Array): Value {
  const reader = new Reader(bytes)
  return readInVersion(schema, reader, Math.min(reader.int16(), schema.versions.max))
}

/** A record of the metadata log: unsigned varints for frame version, type and version, then the body. */
export function encodeMetadataRecord<Input>(
  schema: MessageSchema<unknown, Input>,
  version: number,
  value: Input,
): Uint8Array {
  assert(schema.type !== null, `${schema.name} is no metadata record`)
  assertVersion(schema, version)
  const writer = new Writer()
  writer.unsignedVarint(metadataFrameVersion)
  writer.unsignedVarint(schema.type)
  writer.unsignedVarint(version)
  schema.write(writer, version, value)
  return writer.toBytes()
}

export function readMetadataFrame(reader: Reader): { type: number; version: number } {
  const frameVersion = reader.unsignedVarint()
  if (frameVersion !== metadataFrameVersion)
    throw reader.error(`a metadata record has frame version ${frameVersion}, not ${metadataFrameVersion}`)
  return { type: reader.unsignedVarint(), version: reader.unsignedVarint() }
}

/** Reads the body in `version`, which the bytes named themselves. */
export function readInVersion<Value>(schema: MessageSchema<Value, never>, reader: Reader, version: number): Value {
  const { min, max } = schema.versions
  if (version < min || version > max)
    throw reader.error(`${schema.name} has version ${version}; known are ${min} to ${max}`)
  return schema.read(reader, version)
}

function assertVersion(schema: MessageSchema<unknown, never>, version: number): void {
  assert(version >= schema.versions.min && version <= schema.versions.max, `${schema.name} has no version ${version}`)
}
