/**
 * Bytes that are not what the protocol allows: always the peer's fault, never ours.
 * `position` counts from the first byte of what was being read.
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly position: number

  constructor(problem: string, position: number) {
    super(`${problem} (at byte ${position})`)
    this.position = position
  }
}

/** A message that is to be written would be larger than it may be. */
export class MessageSizeError extends Error {
  override readonly name = 'MessageSizeError'

  constructor(bytesMax: number) {
    super(`a message of more than ${bytesMax} bytes is over the limit`)
  }
}

/** A value that this version of the message has no place for; Kafka raises UNSUPPORTED_VERSION here. Our fault, not the peer's. */
export class UnsupportedFieldError extends Error {
  override readonly name = 'UnsupportedFieldError'

  constructor(field: string, version: number) {
    super(`${field} has a value that version ${version} cannot carry: leave it at its default or use a newer version`)
  }
}
