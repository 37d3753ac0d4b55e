import { UsageError } from '../usage-error.ts'

/** What stands on the command line of one command: words, and the values of its flags. */
export class Given {
  readonly words: readonly string[]
  private readonly values: Readonly<Record<string, unknown>>

  constructor(words: readonly string[], values: Readonly<Record<string, unknown>>) {
    this.words = words
    this.values = values
  }

  has(name: string): boolean {
    const value = this.values[name]
    return value !== undefined && value !== false
  }

  text(name: string): string | null {
    const value = this.values[name]
    return typeof value === 'string' ? value : null
  }

  /** All values of a flag that may be repeated. */
  texts(name: string): readonly string[] {
    const value = this.values[name]
    if (Array.isArray(value)) return value.map(String)
    return typeof value === 'string' ? [value] : []
  }

  /** Null when the flag was not given. @throws UsageError for what is no whole number from `min` to `max`. */
  integer(name: string, min: number, max: number): number | null {
    const text = this.text(name)
    return text === null ? null : integerFrom(text, `--${dashed(name)}`, min, max)
  }

  /** `KEY=VALUE` of a flag that may be repeated. @throws UsageError */
  pairs(name: string): readonly (readonly [string, string])[] {
    return this.texts(name).map((text) => {
      const at = text.indexOf('=')
      if (at < 1) throw new UsageError(`--${dashed(name)} ${text}: write KEY=VALUE`)
      return [text.slice(0, at), text.slice(at + 1)]
    })
  }

  /** The one of `names` that was given; null when none was. @throws UsageError when there are two. */
  oneOf(names: readonly string[]): string | null {
    const given = names.filter((name) => this.has(name))
    if (given.length > 1)
      throw new UsageError(`--${dashed(given[0] ?? '')} and --${dashed(given[1] ?? '')} exclude each other`)
    return given[0] ?? null
  }
}

export function integerFrom(text: string, flag: string, min: number, max: number): number {
  const value = Number(text)
  if (/^[+-]?\d{1,16}$/.test(text) && value >= min && value <= max) return value
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min} on` : `from ${min} to ${max}`
  throw new UsageError(`${flag} ${text}: write a whole number ${range}`)
}

/** `resetOffsets` as it is written: `reset-offsets`. */
const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
