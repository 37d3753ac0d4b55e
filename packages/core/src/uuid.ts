import type { TopicId } from './ids.ts'
import type { Prng } from './prng.ts'

/** Kafka's text form of 16 bytes: base64url without padding, always 22 characters. */
export function uuidFromBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url')
}

/** 16 bytes of a 22-character text; the caller has checked the form. */
export function uuidToBytes(text: string): Uint8Array {
  return Buffer.from(text, 'base64url')
}

/** A version-4 UUID that, as in Kafka, does not begin with "-": such an id could not be given to a command line tool. */
export function randomUuid(prng: Prng): TopicId {
  for (;;) {
    const bytes = prng.bytes(16)
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
    const text = uuidFromBytes(bytes)
    if (!text.startsWith('-')) return text as TopicId
  }
}
