import type { Fs } from '@odradek/core'
import { ListenerConfigError } from '../listener-config.ts'

/** Users that one file may name. */
export const FILE_USERS_MAX = 10_000

/** Passwords by user from lines `NAME=PASSWORD`; empty lines and those that begin with `#` do not count. @throws ListenerConfigError */
export function parseUsers(key: string, path: string, text: string): ReadonlyMap<string, string> {
  const users = new Map<string, string>()
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const sign = line.indexOf('=')
    const name = line.slice(0, sign).trim()
    if (sign < 0 || name === '' || sign === line.length - 1) {
      throw new ListenerConfigError(`${key}=${path}: line ${index + 1} is not NAME=PASSWORD`)
    }
    users.set(name, line.slice(sign + 1))
    if (users.size > FILE_USERS_MAX)
      throw new ListenerConfigError(`${key}=${path} names more than ${FILE_USERS_MAX} users`)
  }
  return users
}

/** @throws ListenerConfigError */
export function readUsers(fs: Pick<Fs, 'readFileSync'>, key: string, path: string): ReadonlyMap<string, string> {
  const bytes = fs.readFileSync(path)
  if (bytes === null) throw new ListenerConfigError(`${key}=${path}: there is no such file`)
  return parseUsers(key, path, Buffer.from(bytes).toString('utf8'))
}
