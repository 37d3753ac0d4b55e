import type { AnyApi } from './api.ts'
import { apis } from './generated/apis.ts'
import { RequestHeader, ResponseHeader } from './generated/headers.ts'
import type { Reader } from './wire/reader.ts'
import type { Writer } from './wire/writer.ts'

const apiVersionsKey = 18

let byKey: ReadonlyMap<number, AnyApi> | undefined

/** The API of a key; undefined for a key that no client may send. */
export function apiByKey(key: number): AnyApi | undefined {
  byKey ??= new Map(apis.map((api) => [api.key, api]))
  return byKey.get(key)
}

/** 2 for flexible versions, else 1; the versions of an unknown key are taken as not flexible. */
export function requestHeaderVersion(key: number, version: number): 1 | 2 {
  const flexibleFrom = apiByKey(key)?.flexibleFrom ?? null
  return flexibleFrom !== null && version >= flexibleFrom ? 2 : 1
}

/** 1 for flexible versions, else 0; an ApiVersions response must be readable before versions are known (KIP-511). */
export function responseHeaderVersion(key: number, version: number): 0 | 1 {
  return key !== apiVersionsKey && requestHeaderVersion(key, version) === 2 ? 1 : 0
}

/** Reads the header in the version that its own key and version select, and leaves the reader at the body. */
export function readRequestHeader(reader: Reader): RequestHeader {
  const start = reader.position
  const key = reader.int16()
  const version = reader.int16()
  reader.position = start
  return RequestHeader.read(reader, requestHeaderVersion(key, version))
}

/** Writes the response header that belongs to the request. */
export function writeResponseHeader(writer: Writer, key: number, version: number, correlationId: number): void {
  ResponseHeader.write(writer, responseHeaderVersion(key, version), { correlationId })
}
