/** The metadata log could not be read or written; the message is for a person. */
export class MetadataLogError extends Error {
  override readonly name = 'MetadataLogError'
  /** The log itself is all right: its disk has no room, most likely. */
  readonly mayPass: boolean

  constructor(message: string, mayPass = false) {
    super(message)
    this.mayPass = mayPass
  }
}
