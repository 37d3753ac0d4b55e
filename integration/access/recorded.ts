import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const DIRECTORY = join(process.cwd(), 'integration/access/recorded')

/** Error codes of the matrix; authorized operations. */
export const CODES_FILE = 'error-codes'
export const OPERATIONS_FILE = 'authorized-operations'

/** What Kafka answered: two levels of names, and below them what an answer comes down to. */
export type Recording = Readonly<Record<string, Readonly<Record<string, readonly (string | number)[]>>>>

export function readRecorded(name: string): Recording {
  const path = pathOf(name)
  const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'))
  if (!isRecording(parsed)) throw new Error(`${path} is no recording: record it again`)
  return parsed
}

/** An answer a line, so that a change of one is a change of one line. */
export function writeRecorded(name: string, recording: Recording): void {
  const parts = Object.entries(recording).map(([part, answers]) => {
    const lines = Object.entries(answers).map(([of, answer]) => `    ${JSON.stringify(of)}: ${JSON.stringify(answer)}`)
    return `  ${JSON.stringify(part)}: {\n${lines.join(',\n')}\n  }`
  })
  mkdirSync(DIRECTORY, { recursive: true })
  writeFileSync(pathOf(name), `{\n${parts.join(',\n')}\n}\n`)
}

const pathOf = (name: string): string => join(DIRECTORY, `${name}.json`)

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const isRecording = (value: unknown): value is Recording =>
  isObject(value) &&
  Object.values(value).every((answers) => isObject(answers) && Object.values(answers).every(Array.isArray))
