import { bytesJson, headersJson } from '../client/record-json.ts'

export interface PrintableRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number | bigint
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly (readonly [string, Uint8Array | null])[]
}

export type PrintRecord = (record: PrintableRecord) => string

/** A line a record: its value, or key and value, or all of it as an object. */
export function recordPrinter(isJson: boolean, withKeys: boolean): PrintRecord {
  if (!isJson) return ({ key, value }) => `${withKeys ? `${text(key)}\t` : ''}${text(value)}\n`
  return ({ topic, partition, offset, timestamp, key, value, headers }) => {
    const place = { topic, partition, offset, timestamp: Number(timestamp) }
    return `${JSON.stringify({ ...place, key: bytesJson(key), value: bytesJson(value), headers: headersJson(headers) })}\n`
  }
}

const text = (bytes: Uint8Array | null): string => (bytes === null ? 'null' : Buffer.from(bytes).toString())
