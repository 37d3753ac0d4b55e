import { isUtf8 } from 'node:buffer'
import { CommandFailure } from './failure.ts'

/** A record as people write and read it. Text where the bytes are UTF-8, else base64: what `consume` shows `produce` takes. */
export type BytesJson = string | null | { readonly base64: string }
/** A name that comes twice has all its values in a list. */
export type HeadersJson = { readonly [name: string]: BytesJson | readonly BytesJson[] }

export interface PlainRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly (readonly [string, Buffer | null])[]
  readonly partition: number | null
  readonly timestamp: number | null
}

export function bytesJson(bytes: Uint8Array | null): BytesJson {
  if (bytes === null) return null
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return isUtf8(buffer) ? buffer.toString() : { base64: buffer.toString('base64') }
}

export function headersJson(headers: readonly (readonly [string, Uint8Array | null])[]): HeadersJson {
  const all = new Map<string, BytesJson[]>()
  for (const [name, value] of headers) all.set(name, [...(all.get(name) ?? []), bytesJson(value)])
  return Object.fromEntries(
    Array.from(all, ([name, values]) => [name, values.length === 1 ? (values[0] ?? null) : values]),
  )
}

/** One line of JSON as a record; members that a record to be sent has not, as `offset`, are passed over. @throws CommandFailure */
export function recordFromJson(line: string): PlainRecord {
  const parsed = parse(line)
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw notRecord(line)
  const { key, value, headers, partition, timestamp }: Readonly<Record<string, unknown>> = { ...parsed }
  return {
    key: bytesFrom(key, line),
    value: bytesFrom(value, line),
    headers: headersFrom(headers, line),
    partition: wholeFrom(partition, line),
    timestamp: wholeFrom(timestamp, line),
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw notRecord(line)
  }
}

function headersFrom(headers: unknown, line: string): readonly (readonly [string, Buffer | null])[] {
  if (headers === undefined || headers === null) return []
  if (typeof headers !== 'object') throw notRecord(line)
  return Object.entries(headers).flatMap(([name, values]: [string, unknown]) =>
    (Array.isArray(values) ? values : [values]).map((value: unknown) => [name, bytesFrom(value, line)] as const),
  )
}

function bytesFrom(value: unknown, line: string): Buffer | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'string') return Buffer.from(value)
  if (typeof value === 'object' && 'base64' in value && typeof value.base64 === 'string')
    return Buffer.from(value.base64, 'base64')
  // What stands there as a number or an object is meant as its own text.
  if (typeof value === 'object' || typeof value === 'number' || typeof value === 'boolean')
    return Buffer.from(JSON.stringify(value))
  throw notRecord(line)
}

function wholeFrom(value: unknown, line: string): number | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  throw notRecord(line)
}

const SHOWN_CHARACTERS_MAX = 80

const notRecord = (line: string): CommandFailure =>
  new CommandFailure(
    `${line.slice(0, SHOWN_CHARACTERS_MAX)}: is no record; write {"key": "k", "value": "v", "headers": {"h": "x"}, "partition": 0}`,
  )
