import {
  encodeMetadataRecord,
  RemoveUserScramCredentialRecord,
  UserScramCredentialRecord,
} from '@odradek/protocol/records'
import type { MetadataRecord } from '../metadata/metadata-records.ts'
import { SCRAM_CODES, type ScramCredential, type ScramMechanism, scramMechanism } from './sasl/scram-keys.ts'

export interface ScramUser {
  readonly name: string
  readonly mechanism: ScramMechanism
}

/** The SCRAM credentials that the metadata log has at this moment. */
export interface ScramCredentials {
  /** Users with a credential at least. */
  readonly usersCount: number
  find(user: ScramUser): ScramCredential | null
  /** By mechanism; empty for a user that is not there. */
  of(name: string): ReadonlyMap<ScramMechanism, ScramCredential>
  names(): readonly string[]
}

const NONE: ReadonlyMap<ScramMechanism, ScramCredential> = new Map()

export class ScramCredentialTable implements ScramCredentials {
  private readonly byName = new Map<string, ReadonlyMap<ScramMechanism, ScramCredential>>()
  /** Of their names. */
  textBytes = 0

  get usersCount(): number {
    return this.byName.size
  }

  find({ name, mechanism }: ScramUser): ScramCredential | null {
    return this.byName.get(name)?.get(mechanism) ?? null
  }

  of(name: string): ReadonlyMap<ScramMechanism, ScramCredential> {
    return this.byName.get(name) ?? NONE
  }

  names(): readonly string[] {
    return [...this.byName.keys()]
  }

  all(): readonly ScramChange[] {
    return [...this.byName].flatMap(([name, credentials]) =>
      Array.from(credentials, ([mechanism, credential]) => ({ name, mechanism, credential })),
    )
  }

  take(changes: readonly ScramChange[]): void {
    for (const { name, mechanism, credential } of changes) {
      const credentials = new Map(this.of(name))
      if (credential === null) credentials.delete(mechanism)
      else credentials.set(mechanism, credential)
      const isThere = this.byName.has(name)
      if (isThere !== credentials.size > 0) this.textBytes += (isThere ? -1 : 1) * Buffer.byteLength(name)
      if (credentials.size === 0) this.byName.delete(name)
      else this.byName.set(name, credentials)
    }
  }
}

/** Null: taken away. */
export interface ScramChange extends ScramUser {
  readonly credential: ScramCredential | null
}

/** From a record's fields, without a salt where it is taken away; null for a mechanism of a newer version. */
export function scramChange(record: {
  readonly name: string
  readonly mechanism: number
  readonly salt: Uint8Array | null
  readonly storedKey?: Uint8Array
  readonly serverKey?: Uint8Array
  readonly iterations?: number
}): ScramChange | null {
  const { name, salt, storedKey, serverKey, iterations } = record
  const mechanism = scramMechanism(record.mechanism)
  if (mechanism === null) return null
  if (salt === null || storedKey === undefined || serverKey === undefined || iterations === undefined) {
    return { name, mechanism, credential: null }
  }
  return { name, mechanism, credential: { salt, storedKey, serverKey, iterations } }
}

export function scramRecord({ name, mechanism, credential }: ScramChange): MetadataRecord {
  const head = { name, mechanism: SCRAM_CODES[mechanism] }
  if (credential === null) return encodeMetadataRecord(RemoveUserScramCredentialRecord, 0, head)
  return encodeMetadataRecord(UserScramCredentialRecord, 0, { ...head, ...credential })
}
