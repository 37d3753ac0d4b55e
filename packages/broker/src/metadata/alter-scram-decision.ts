import {
  SCRAM_ITERATIONS_MAX,
  SCRAM_ITERATIONS_MIN,
  scramCredential,
  scramMechanism,
} from '../security/sasl/scram-keys.ts'
import { type ScramChange, type ScramCredentials, scramRecord } from '../security/scram-credentials.ts'
import { SCRAM_USERS_MAX } from '../security/security-limits.ts'
import type { Outcome } from './controller.ts'
import { type Decision, DONE, failed } from './decision.ts'

export interface ScramDeletion {
  readonly name: string
  /** Its number on the wire. */
  readonly mechanism: number
}

export interface ScramUpsertion extends ScramDeletion {
  readonly iterations: number
  readonly salt: Uint8Array
  readonly saltedPassword: Uint8Array
}

export interface ScramAlteration {
  readonly deletions: readonly ScramDeletion[]
  readonly upsertions: readonly ScramUpsertion[]
}

export interface ScramAlterationRow extends Outcome {
  readonly user: string
}

/** One row for each user. As in Kafka a user may stand in a request once, whatever the mechanisms. */
export function decideAlterScram(
  alteration: ScramAlteration,
  credentials: ScramCredentials,
): Decision<readonly ScramAlterationRow[]> {
  const checked = new Map<string, ScramChange | Outcome>()
  const note = (name: string, check: () => ScramChange | Outcome) => {
    const twice = failed('DUPLICATE_RESOURCE', 'A user credential cannot be altered twice in the same request')
    checked.set(name, checked.has(name) ? twice : check())
  }
  let users = credentials.usersCount
  for (const item of alteration.deletions) note(item.name, () => checkDeletion(item, credentials))
  for (const item of alteration.upsertions) {
    note(item.name, () => {
      const change = checkUpsertion(item, credentials, users)
      if (!('error' in change) && credentials.of(item.name).size === 0) users += 1
      return change
    })
  }
  const rows = Array.from(checked, ([user, outcome]) => ({ user, ...('error' in outcome ? outcome : DONE) }))
  const changes = [...checked.values()].flatMap((outcome) => ('error' in outcome ? [] : [outcome]))
  return { records: changes.map(scramRecord), result: rows }
}

function checkUser({ name, mechanism }: ScramDeletion): Outcome | null {
  if (name === '') return failed('UNACCEPTABLE_CREDENTIAL', 'Username must not be empty')
  if (scramMechanism(mechanism) === null) return failed('UNSUPPORTED_SASL_MECHANISM', 'Unknown SCRAM mechanism')
  return null
}

function checkDeletion(item: ScramDeletion, credentials: ScramCredentials): ScramChange | Outcome {
  const mechanism = scramMechanism(item.mechanism)
  const problem = checkUser(item)
  if (problem !== null || mechanism === null)
    return problem ?? failed('UNSUPPORTED_SASL_MECHANISM', 'Unknown SCRAM mechanism')
  if (credentials.find({ name: item.name, mechanism }) === null) {
    return failed('RESOURCE_NOT_FOUND', 'Attempt to delete a user credential that does not exist')
  }
  return { name: item.name, mechanism, credential: null }
}

function checkUpsertion(item: ScramUpsertion, credentials: ScramCredentials, users: number): ScramChange | Outcome {
  const mechanism = scramMechanism(item.mechanism)
  const problem = checkUser(item)
  if (problem !== null || mechanism === null)
    return problem ?? failed('UNSUPPORTED_SASL_MECHANISM', 'Unknown SCRAM mechanism')
  if (item.iterations > SCRAM_ITERATIONS_MAX) return failed('UNACCEPTABLE_CREDENTIAL', 'Too many iterations')
  if (item.iterations < SCRAM_ITERATIONS_MIN) return failed('UNACCEPTABLE_CREDENTIAL', 'Too few iterations')
  if (users >= SCRAM_USERS_MAX && credentials.of(item.name).size === 0) {
    return failed('POLICY_VIOLATION', `There are ${SCRAM_USERS_MAX} users already: delete some first`)
  }
  // As Kafka's signature library refuses an empty key.
  if (item.saltedPassword.length === 0) return failed('UNKNOWN_SERVER_ERROR', 'The salted password is empty')
  const credential = scramCredential(mechanism, item.salt, item.saltedPassword, item.iterations)
  return { name: item.name, mechanism, credential }
}
