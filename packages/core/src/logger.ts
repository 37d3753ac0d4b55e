/** Values worth a line of their own; never a secret, never record contents. */
export type LogFields = Readonly<Record<string, string | number | boolean | bigint | null | undefined>>

/** Where the broker says what happened. Every message is a constant: what varies goes into `fields`. */
export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }
