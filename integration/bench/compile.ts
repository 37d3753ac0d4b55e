import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const SOURCES = join(process.cwd(), 'integration/bench/native')
const FLAGS = ['-O2', '-Wall', '-pthread']
export const COMPILERS = ['gcc', 'cc', 'clang']

export type NativeName = 'load' | 'limit'

/** Where compiled programs are kept, and what is known of the machine. */
export function cacheDirectory(): string {
  const caches = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  return process.env['ODRADEK_BENCH_CACHE'] ?? join(caches, 'odradek-bench')
}

/** Why the programs cannot be used on this machine; null when they can. */
export function nativeFault(): string | null {
  if (process.platform !== 'linux') return 'the programs of the bench need Linux'
  try {
    nativeProgram('load')
    nativeProgram('limit')
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** A C program of ours, compiled when these sources never were. @throws Error when it cannot be compiled */
export function nativeProgram(
  name: NativeName,
  compilers: readonly string[] = COMPILERS,
  directory: string = cacheDirectory(),
): string {
  const hash = createHash('sha256').update(FLAGS.join())
  for (const file of readdirSync(SOURCES).sort()) hash.update(readFileSync(join(SOURCES, file)))
  const program = join(directory, `${name}-${process.arch}-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(program)) return program
  mkdirSync(directory, { recursive: true })
  const unfinished = `${program}.${process.pid}`
  for (const compiler of compilers) {
    const source = join(SOURCES, `${name}.c`)
    const { error, status, stderr } = spawnSync(compiler, [...FLAGS, '-o', unfinished, source], { encoding: 'utf8' })
    if (error !== undefined) continue
    if (status !== 0) throw new Error(`${compiler} could not compile ${source}: ${stderr}`)
    renameSync(unfinished, program)
    return program
  }
  throw new Error(
    `no C compiler: the bench needs one of ${compilers.join(', ')} in the PATH, with the headers of Linux`,
  )
}
