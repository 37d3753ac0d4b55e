import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plain } from './transcript.ts'

const DIRECTORY = join(process.cwd(), 'integration/differential/recorded')

/** What Kafka answered, by the name of the scenario. */
export type Recording = Readonly<Record<string, Plain>>

/** One file for each group of scenarios. */
export function readRecording(group: string): Recording {
  const path = pathOf(group)
  if (!existsSync(path)) return {}
  const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'))
  if (!isRecording(parsed)) throw new Error(`${path} is no recording: record it again`)
  return parsed
}

/** An answer a line, so that a change of one is a change of one line. */
export function writeRecording(group: string, recording: Recording): void {
  const scenarios = Object.entries(recording).map(([name, answers]) => {
    const lines = Array.isArray(answers) ? answers.map((answer) => `    ${JSON.stringify(answer)}`) : []
    return `  ${JSON.stringify(name)}: [\n${lines.join(',\n')}\n  ]`
  })
  mkdirSync(DIRECTORY, { recursive: true })
  writeFileSync(pathOf(group), `{\n${scenarios.join(',\n')}\n}\n`)
}

const pathOf = (group: string): string => join(DIRECTORY, `${group}.json`)

const isRecording = (value: unknown): value is Recording =>
  typeof value === 'object' && value !== null && Object.values(value).every(Array.isArray)
