import { assert } from '@odradek/core'
import type { Handler } from './handler.ts'

/** One line of the ApiVersions answer. */
export interface ServedApi {
  readonly apiKey: number
  readonly minVersion: number
  readonly maxVersion: number
}

/** The table of handlers: what is in it works, and what is not in it is not listed. */
export interface Registry {
  find(apiKey: number): Handler | undefined
  /** By key. */
  readonly served: readonly ServedApi[]
}

export function registry(handlers: readonly Handler[]): Registry {
  const rows: (Handler | undefined)[] = []
  for (const row of handlers) {
    assert(rows[row.api.key] === undefined, `two handlers for ${row.api.name}`)
    rows[row.api.key] = row
  }
  const served = [...handlers]
    .sort((a, b) => a.api.key - b.api.key)
    .map(({ api, versions: [minVersion, maxVersion] }) => ({ apiKey: api.key, minVersion, maxVersion }))
  return { find: (apiKey) => rows[apiKey], served }
}
