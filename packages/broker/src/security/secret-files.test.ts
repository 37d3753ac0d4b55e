import type { Fs } from '@odradek/core'
import { MemoryFs } from '@odradek/log'
import { resolveBrokerConfig } from '../config/resolve-broker-config.ts'
import { secretFilesOf } from './secret-files.ts'

/** What is said of `/a` with a mode; null: nothing. */
function saidOf(
  mode: number | undefined,
  what: 'check' | 'checkTrusted' | 'checkDirectory',
  rule?: string,
): string | null {
  const said: string[] = []
  const stat = { isDirectory: false, sizeBytes: 0, modifiedMs: 0 }
  const fs: Fs = Object.assign(new MemoryFs(), { statSync: () => (mode === undefined ? stat : { ...stat, mode }) })
  const logger = { debug() {}, info() {}, warn: (message: string) => said.push(message), error() {} }
  const entries = new Map(rule === undefined ? [] : [['odradek.file.permissions', rule]])
  try {
    secretFilesOf(resolveBrokerConfig(entries, 1 << 30), fs, logger)[what]('/a')
  } catch (error) {
    said.push(`refused: ${error instanceof Error ? error.message : String(error)}`)
  }
  return said[0] ?? null
}

const WARNED = {
  check: 'a file with secrets is open to',
  checkTrusted: 'a file that says whose tokens let in is open to',
  checkDirectory: 'a data directory is open to',
} as const

test.each([
  ['check', 0o600, null],
  ['check', 0o400, null],
  ['check', 0o640, 'the group of its owner: chmod go-rwx it'],
  ['check', 0o620, 'the group of its owner: chmod go-rwx it'],
  ['check', 0o604, 'everybody on this machine: chmod go-rwx it'],
  ['check', 0o666, 'everybody on this machine: chmod go-rwx it'],
  ['checkTrusted', 0o644, null],
  ['checkTrusted', 0o664, 'the group of its owner: chmod go-w it'],
  ['checkTrusted', 0o646, 'everybody on this machine: chmod go-w it'],
  ['checkDirectory', 0o700, null],
  ['checkDirectory', 0o770, null],
  ['checkDirectory', 0o755, 'everybody on this machine: chmod o-rwx it'],
  ['checkDirectory', 0o701, 'everybody on this machine: chmod o-rwx it'],
  ['check', undefined, null],
] as const)('%s of mode %o', (what, mode, said) => {
  expect(saidOf(mode, what)).toBe(said === null ? null : `${WARNED[what]} ${said}`)
  expect(saidOf(mode, what, 'ignore')).toBeNull()
  const refused = saidOf(mode, what, 'refuse')
  if (said === null) expect(refused).toBeNull()
  else expect(refused).toMatch(/^refused: \/a: a .* is open to .*: chmod .* \/a, or set odradek.file.permissions=warn$/)
})
