/** The records have room for that many bytes in a string. */
const MEMBER_ID_BYTES_MAX = 32_767

/** Behind the prefix. */
export const UUID_CHARS = 37

/**
 * `prefix-UUID`, the prefix being the instance id or the client id, so that a person sees whose it is. Null when the
 * prefix is too long for that.
 */
export function newMemberId(prefix: string, randomBytes: Uint8Array): string | null {
  const memberId = `${prefix}-${uuidText(randomBytes)}`
  return Buffer.byteLength(memberId) > MEMBER_ID_BYTES_MAX ? null : memberId
}

/** Java's form of a random (version 4) UUID: 8-4-4-4-12 hexadecimal digits. */
function uuidText(randomBytes: Uint8Array): string {
  const bytes = Buffer.from(randomBytes.subarray(0, 16))
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const digits = bytes.toString('hex')
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join(
    '-',
  )
}
