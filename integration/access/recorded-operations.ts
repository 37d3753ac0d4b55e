import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { OperationsSeen } from './operations.ts'

const PATH = join(process.cwd(), 'integration/access/recorded/authorized-operations.json')

/** What Kafka answered, by what the asking one has. */
type Recording = Readonly<Record<string, OperationsSeen>>

export function readOperations(): Recording {
  const parsed: unknown = JSON.parse(readFileSync(PATH, 'utf8'))
  if (!isRecording(parsed)) throw new Error(`${PATH} is no recording: record it again`)
  return parsed
}

/** A question a line, so that a change of one is a change of one line. */
export function writeOperations(recording: Recording): void {
  const holders = Object.entries(recording).map(([has, seen]) => {
    const lines = Object.entries(seen).map(([name, answer]) => `    ${JSON.stringify(name)}: ${JSON.stringify(answer)}`)
    return `  ${JSON.stringify(has)}: {\n${lines.join(',\n')}\n  }`
  })
  mkdirSync(dirname(PATH), { recursive: true })
  writeFileSync(PATH, `{\n${holders.join(',\n')}\n}\n`)
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const isRecording = (value: unknown): value is Recording =>
  isObject(value) &&
  Object.values(value).every((seen) => isObject(seen) && Object.values(seen).every((answer) => Array.isArray(answer)))
