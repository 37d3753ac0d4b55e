import { assert } from '@odradek/core'

export const timeoutTimerKey = 'timeout:'
export const expiryTimerKey = 'expiry:'
export const resumeTimerKey = 'resume:'

const MARKERS = 'markers:'

export const markersTimerKey = (transactionalId: string): string => `${MARKERS}${transactionalId}`

export function transactionalIdOf(key: string): string {
  assert(key.startsWith(MARKERS), `a timer of a transaction, not ${key}`)
  return key.slice(MARKERS.length)
}
