import type { Fs, Prng } from '@odradek/core'
import type { ResolvedBrokerConfig } from '../config/resolve-broker-config.ts'
import { ListenerConfigError } from '../listener-config.ts'
import type { Controller } from '../metadata/controller.ts'
import { SCRAM_CODES, SCRAM_ITERATIONS_MIN, type ScramMechanism, saltPassword } from './sasl/scram-keys.ts'
import type { ScramCredentials } from './scram-credentials.ts'
import type { SecretFiles } from './secret-files.ts'
import { readUsers } from './users-file.ts'

const USERS = 'odradek.scram.users'
const USERS_FILE = 'odradek.scram.users.file'
const SALT_BYTES = 16
const MECHANISMS: readonly ScramMechanism[] = ['SCRAM-SHA-256', 'SCRAM-SHA-512']

export interface FirstUsersOptions {
  readonly config: ResolvedBrokerConfig
  readonly fs: Fs
  readonly prng: Prng
  readonly secretFiles: SecretFiles
  readonly controller: Pick<Controller, 'alterScramCredentials'>
  readonly credentials: ScramCredentials
}

/**
 * Makes the users that the settings name, with both mechanisms, where they have no credential yet: whoever changes his
 * password later keeps it over restarts. @throws ListenerConfigError
 */
export async function makeFirstUsers(options: FirstUsersOptions): Promise<void> {
  const { config, fs, prng, controller, credentials, secretFiles } = options
  const path = config.text(USERS_FILE)
  if (path !== null) secretFiles.check(path)
  const users = new Map([
    ...inlineUsers(config.text(USERS) ?? ''),
    ...(path === null ? [] : readUsers(fs, USERS_FILE, path)),
  ])
  for (const [name, password] of users) {
    if (credentials.of(name).size > 0) continue
    for (const mechanism of MECHANISMS) {
      const salt = prng.bytes(SALT_BYTES)
      const saltedPassword = await saltPassword(mechanism, password, salt, SCRAM_ITERATIONS_MIN)
      const upsertion = {
        name,
        mechanism: SCRAM_CODES[mechanism],
        iterations: SCRAM_ITERATIONS_MIN,
        salt,
        saltedPassword,
      }
      const rows = await controller.alterScramCredentials({ deletions: [], upsertions: [upsertion] })
      const problem = rows.find(({ error }) => error !== 'NONE')
      if (problem !== undefined)
        throw new ListenerConfigError(`user ${name} cannot be made: ${problem.message ?? problem.error}`)
    }
  }
}

/** `NAME:PASSWORD,…`; what stands in it goes into no message. */
function inlineUsers(text: string): ReadonlyMap<string, string> {
  const users = new Map<string, string>()
  for (const item of text.split(',').filter((part) => part.trim() !== '')) {
    const colon = item.indexOf(':')
    if (colon < 1 || colon === item.length - 1) throw new ListenerConfigError(`${USERS} is not NAME:PASSWORD,…`)
    users.set(item.slice(0, colon).trim(), item.slice(colon + 1))
  }
  return users
}
