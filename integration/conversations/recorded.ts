import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isObject, type Plain } from '../differential/transcript.ts'
import type { Turn } from './conversation.ts'

const pathOf = (name: string): string => join(process.cwd(), 'integration/conversations/recorded', `${name}.json`)

/** A turn a line. */
export function writeConversation(name: string, turns: readonly Turn[]): void {
  mkdirSync(dirname(pathOf(name)), { recursive: true })
  writeFileSync(pathOf(name), `[\n${turns.map((turn) => `  ${JSON.stringify(turn)}`).join(',\n')}\n]\n`)
}

/** What was said to Kafka; undefined where that was not recorded. */
export function readConversation(name: string): readonly Turn[] | undefined {
  if (!existsSync(pathOf(name))) return undefined
  const turns: unknown = JSON.parse(readFileSync(pathOf(name), 'utf8'))
  if (!Array.isArray(turns) || !turns.every(isTurn))
    throw new Error(`${pathOf(name)} is no conversation: record it again`)
  return turns
}

function isTurn(value: Plain): value is Turn {
  return isObject(value) && typeof value['api'] === 'string' && typeof value['version'] === 'number'
}
