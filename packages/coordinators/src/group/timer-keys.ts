import { assert } from '@odradek/core'

/** What a timer of a group is for; the key that the runner keeps is made from it and read back. */
export type GroupTimer =
  | { readonly kind: 'expiry' }
  | { readonly kind: 'join'; readonly groupId: string }
  | { readonly kind: 'sync'; readonly groupId: string }
  | { readonly kind: 'session'; readonly groupId: string; readonly memberId: string }

export const expiryTimerKey = 'expiry:'

export const joinTimerKey = (groupId: string): string => `join:${groupId}`

export const syncTimerKey = (groupId: string): string => `sync:${groupId}`

/** Both ids may hold any character, so the length says where one ends. */
export const sessionTimerKey = (groupId: string, memberId: string): string =>
  `session:${groupId.length}:${groupId}${memberId}`

export function parseTimerKey(key: string): GroupTimer {
  const colon = key.indexOf(':')
  const kind = key.slice(0, colon)
  const rest = key.slice(colon + 1)
  if (kind === 'expiry') return { kind }
  if (kind === 'join' || kind === 'sync') return { kind, groupId: rest }
  assert(kind === 'session', `a timer of a group, not ${key}`)
  const idsStart = rest.indexOf(':') + 1
  const memberStart = idsStart + Number(rest.slice(0, idsStart - 1))
  return { kind, groupId: rest.slice(idsStart, memberStart), memberId: rest.slice(memberStart) }
}
