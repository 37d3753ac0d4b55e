import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { COMPILERS, cacheDirectory, nativeProgram } from './compile.ts'

/** Pages of a virtual machine that were never used are several times as slow as others. */
const TOUCHED_SHARE = 0.6
const DIRTY_KB_MAX = 300_000
const DIRTY_WAIT_MS_MAX = 15_000

export interface MachineFacts {
  readonly processors: number
  readonly model: string
  readonly memoryGb: number
  readonly kernel: string
  readonly node: string
  readonly fileSystem: string
  readonly compiler: string
  readonly load: string
}

/** What a program that is not there says. */
const NONE = 'none'

function firstLine(command: string, ...words: readonly string[]): string {
  const { stdout, error } = spawnSync(command, words, { encoding: 'utf8' })
  return error === undefined ? (stdout.split('\n')[0] ?? '') : NONE
}

/** `directory` is where the brokers keep their data. */
export function machineFacts(directory: string): MachineFacts {
  const mount = firstLine('findmnt', '-no', 'FSTYPE,SOURCE', '--target', directory).replace(/ +/, ' on ')
  return {
    processors: cpus().length,
    model: cpus()[0]?.model ?? 'unknown',
    memoryGb: Math.round(totalmem() / 1e9),
    kernel: release(),
    node: process.version,
    fileSystem: mount,
    compiler: COMPILERS.map((name) => firstLine(name, '--version')).find((line) => line !== NONE) ?? NONE,
    load: loadText(),
  }
}

export function factsText(facts: MachineFacts): string {
  const { processors, model, memoryGb, kernel, node, fileSystem, compiler, load } = facts
  return `${processors} x ${model}, ${memoryGb} GB, Linux ${kernel}, Node ${node}, ${fileSystem}, ${compiler}, load ${load}`
}

export const loadText = (): string =>
  loadavg()
    .map((value) => value.toFixed(1))
    .join(' ')

function memoryKb(key: string): number {
  return Number(new RegExp(`^${key}: +(\\d+)`, 'm').exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0)
}

/** Once after each start of the machine. */
export function touchMemory(): void {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')
  const directory = cacheDirectory()
  const mark = join(directory, 'touched')
  if (existsSync(mark) && readFileSync(mark, 'utf8') === boot) return
  const bytes = Math.floor(memoryKb('MemAvailable') * 1024 * TOUCHED_SHARE)
  execFileSync(nativeProgram('load'), ['touch', `bytes=${bytes}`])
  mkdirSync(directory, { recursive: true })
  writeFileSync(mark, boot)
}

/** So that no target's writes wait for another's to reach the disk. */
export async function settleDisk(): Promise<void> {
  const endMs = performance.now() + DIRTY_WAIT_MS_MAX
  if (memoryKb('Dirty') + memoryKb('Writeback') > DIRTY_KB_MAX) execFileSync('sync')
  while (memoryKb('Dirty') + memoryKb('Writeback') > DIRTY_KB_MAX && performance.now() < endMs) await pause(100)
}
