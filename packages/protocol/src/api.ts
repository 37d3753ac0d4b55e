import type { Reader } from './wire/reader.ts'
import type { Turns } from './wire/turns.ts'
import type { Writer } from './wire/writer.ts'

/** Reads and writes one message in all its versions; the version must be one of the API's. */
export interface Codec<Value, Input> {
  readonly read: (reader: Reader, version: number) => Value
  readonly write: (writer: Writer, version: number, value: Input) => void
}

/** One API key: its messages and the versions that have a codec, which may be more than a broker offers. */
export interface Api<Request, Response, RequestInput, ResponseInput> {
  readonly key: number
  readonly name: string
  readonly versions: { readonly min: number; readonly max: number }
  /** The first flexible version; null where none is. */
  readonly flexibleFrom: number | null
  readonly request: Codec<Request, RequestInput>
  readonly response: Codec<Response, ResponseInput>
  /** `request.read` for what may be very large; null where the request has no arrays. */
  readonly readInTurns: ((reader: Reader, version: number) => Turns<Request>) | null
  /** `response.write` for what may be very large; null where the response has no arrays. */
  readonly writeInTurns: ((writer: Writer, version: number, value: ResponseInput) => Turns<void>) | null
}

/** Any API, where only its numbers matter. */
export type AnyApi = Api<unknown, unknown, never, never>

/** What a handler of the API answers. */
export type ResponseOf<A> =
  A extends Api<infer _Request, infer _Response, infer _RequestInput, infer ResponseInput> ? ResponseInput : never
