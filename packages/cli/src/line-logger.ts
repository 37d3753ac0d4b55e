import type { Clock, LogFields, Logger } from '@odradek/core'
import { isoTime } from './iso-time.ts'

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Text that came over the wire is cut here, so that nobody can fill a disk with one field. */
export const LOGGED_FIELD_CHARS_MAX = 256

/** What would let a peer move the cursor, start a line of its own or turn the direction of text. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu
const PLAIN = /^[\w.:/@+,*<>=[\]~-]+$/

/** One line for each message: time, level, the message, then `name=value`; quoted where a value is not plain. */
export class LineLogger implements Logger {
  private readonly clock: Clock
  private readonly write: (line: string) => void
  private readonly lowest: number

  constructor(options: { readonly clock: Clock; readonly level: LogLevel; readonly write: (line: string) => void }) {
    this.clock = options.clock
    this.write = options.write
    this.lowest = LOG_LEVELS.indexOf(options.level)
  }

  debug(message: string, fields?: LogFields): void {
    this.log('debug', message, fields)
  }

  info(message: string, fields?: LogFields): void {
    this.log('info', message, fields)
  }

  warn(message: string, fields?: LogFields): void {
    this.log('warn', message, fields)
  }

  error(message: string, fields?: LogFields): void {
    this.log('error', message, fields)
  }

  private log(level: LogLevel, message: string, fields: LogFields = {}): void {
    if (LOG_LEVELS.indexOf(level) < this.lowest) return
    const parts = Object.entries(fields).flatMap(([name, value]) =>
      value === undefined ? [] : `${name}=${shown(value)}`,
    )
    const head = `${isoTime(this.clock.wallMs())} ${level.toUpperCase().padEnd(5)} ${message.replace(UNPRINTABLE, escaped)}`
    this.write(`${[head, ...parts].join(' ')}\n`)
  }
}

function shown(value: string | number | boolean | bigint | null): string {
  if (typeof value !== 'string') return String(value)
  const cut = value.length > LOGGED_FIELD_CHARS_MAX ? `${value.slice(0, LOGGED_FIELD_CHARS_MAX)}…` : value
  if (PLAIN.test(cut)) return cut
  const quoted = cut.replace(/["\\]/g, '\\$&').replace(UNPRINTABLE, escaped)
  return `"${quoted}"`
}

function escaped(character: string): string {
  if (character === '\n') return '\\n'
  return `\\u${character.codePointAt(0)?.toString(16).padStart(4, '0')}`
}
