import type { Codec } from './api.ts'

/** A structure that is not a request or a response: a header, a record of an internal topic, an embedded blob. */
export interface MessageSchema<Value, Input> extends Codec<Value, Input> {
  readonly name: string
  /** The number by which records of one topic are told apart; null where there is none. */
  readonly type: number | null
  readonly versions: { readonly min: number; readonly max: number }
  /** The first flexible version; null where none is. */
  readonly flexibleFrom: number | null
}
