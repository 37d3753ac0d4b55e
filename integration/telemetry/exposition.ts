import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const HERE = join(process.cwd(), 'integration/telemetry')

export interface ParsedFamily {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly samples: readonly (readonly [name: string, labels: Readonly<Record<string, string>>, value: number])[]
}

/** Fetches the Python library that reads expositions; pip does so the first time. */
function pythonLibraries(): string {
  const libraries = join(HERE, 'target/python')
  if (existsSync(libraries)) return libraries
  const unfinished = join(HERE, 'target/unfinished')
  rmSync(unfinished, { recursive: true, force: true })
  const install = ['-m', 'pip', 'install', '-q', '--target', unfinished, '-r', join(HERE, 'requirements.txt')]
  execFileSync('python3', install, { stdio: ['ignore', 'inherit', 'inherit'] })
  renameSync(unfinished, libraries)
  return libraries
}

/** What the parser of Prometheus' own Python library makes of a text. @throws Error with what it has against it */
export function parsed(text: string, format: 'openmetrics' | 'prometheus'): readonly ParsedFamily[] {
  const { status, stdout, stderr } = spawnSync('python3', [join(HERE, 'parse.py'), format], {
    input: text,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    env: { ...process.env, PYTHONPATH: pythonLibraries() },
  })
  if (status !== 0) throw new Error(`the ${format} text is refused: ${stderr}`)
  return JSON.parse(stdout)
}
