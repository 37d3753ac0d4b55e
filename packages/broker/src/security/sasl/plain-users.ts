import type { Fs } from '@odradek/core'
import { ListenerConfigError } from '../../listener-config.ts'
import type { ListenerKeys } from '../listener-keys.ts'
import { readUsers } from '../users-file.ts'
import { parseJaas, plainUsersOf } from './jaas.ts'
import type { PlainUsers } from './plain-exchange.ts'

const PLAIN_MODULE = 'org.apache.kafka.common.security.plain.PlainLoginModule'
export const PLAIN_USERS_FILE = 'odradek.plain.users.file'

/**
 * Users of PLAIN, from the listener's JAAS line as in Kafka and from a file of ours. Both are looked at anew when they
 * change. @throws ListenerConfigError where there is neither, without a word of what stands in them.
 */
export function openPlainUsers(keys: ListenerKeys, fs: Fs): PlainUsers {
  let known: { readonly state: string; readonly users: ReadonlyMap<string, string> } | null = null
  const read = (): ReadonlyMap<string, string> => {
    const jaas = keys.given('sasl.jaas.config', 'PLAIN')
    const path = keys.given(PLAIN_USERS_FILE)
    const stat = path === null ? null : fs.statSync(path)
    const state = JSON.stringify([jaas, path, stat?.sizeBytes, stat?.modifiedMs])
    if (known?.state === state) return known.users
    const users = new Map([...jaasUsers(keys, jaas), ...(path === null ? [] : readUsers(fs, PLAIN_USERS_FILE, path))])
    known = { state, users }
    return users
  }
  if (keys.given('sasl.jaas.config', 'PLAIN') === null && keys.given(PLAIN_USERS_FILE) === null) {
    throw new ListenerConfigError(
      `listener ${keys.listener} has PLAIN and no users: name them in ${keys.nameOf('sasl.jaas.config', 'PLAIN')}, or a file in ${PLAIN_USERS_FILE}`,
    )
  }
  read()
  return () => {
    try {
      return read()
    } catch (error) {
      // What was good before stays good while somebody edits.
      if (error instanceof ListenerConfigError && known !== null) return known.users
      throw error
    }
  }
}

function jaasUsers(keys: ListenerKeys, text: string | null): ReadonlyMap<string, string> {
  if (text === null) return new Map()
  const entry = parseJaas(text)
  if (entry?.module !== PLAIN_MODULE) {
    throw new ListenerConfigError(
      `${keys.nameOf('sasl.jaas.config', 'PLAIN')} is not of the form ${PLAIN_MODULE} required user_NAME="PASSWORD" …;`,
    )
  }
  return plainUsersOf(entry)
}
