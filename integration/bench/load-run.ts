import { spawn } from 'node:child_process'
import { endWithUs } from '../harness/end-with-us.ts'
import { nativeProgram } from './compile.ts'

/** Past this a run of the generator has got stuck in a way that it does not see itself. */
const RUN_MS_MAX = 180_000

export interface Latency {
  readonly count: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly maxMs: number
}

/** What the load generator prints. */
export interface LoadFigures {
  readonly seconds: number
  readonly requests: number
  readonly bytes: number
  readonly generatorCpuMs: number
  readonly brokerCpuMs: number
  readonly stealShare: number
  /** Of all processors, spent neither by the broker nor by the generator. */
  readonly foreignShare: number
  readonly residentKb: number
  readonly peakKb: number
  readonly latency: Latency | null
  /** From when a record was due to be sent to when a consumer had it. */
  readonly delivery: Latency | null
}

export type LoadMode = 'produce' | 'fetch' | 'open'
export type LoadOptions = Readonly<Record<string, number | string>>

const NUMBERS = [
  'seconds',
  'requests',
  'bytes',
  'generatorCpuMs',
  'brokerCpuMs',
  'stealShare',
  'foreignShare',
  'residentKb',
  'peakKb',
] as const

function isLoadFigures(value: unknown): value is LoadFigures {
  if (typeof value !== 'object' || value === null) return false
  const fields = new Map<string, unknown>(Object.entries(value))
  return (
    NUMBERS.every((name) => typeof fields.get(name) === 'number') && fields.has('latency') && fields.has('delivery')
  )
}

const argumentsOf = (options: LoadOptions): readonly string[] =>
  Object.entries(options).map(([key, value]) => `${key}=${value}`)

/**
 * Drives load at a broker and resolves with its figures. @throws Error with what the generator said, when it met an error
 * in an answer, lost a connection, or had to wait in vain
 */
export function runLoad(mode: LoadMode, options: LoadOptions): Promise<LoadFigures> {
  const child = spawn(nativeProgram('load'), [mode, ...argumentsOf(options)], { stdio: ['ignore', 'pipe', 'pipe'] })
  endWithUs(child)
  let [output, errors] = ['', '']
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), RUN_MS_MAX)
  return new Promise((done, failed) => {
    child.once('error', failed)
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      if (code !== 0) {
        failed(new Error(`load ${mode}: ${errors.trim() || `ended with ${code ?? signal}`}`))
        return
      }
      const figures: unknown = JSON.parse(output)
      if (isLoadFigures(figures)) done(figures)
      else failed(new Error(`load ${mode} printed something else: ${output}`))
    })
  })
}
