import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { endWithUs } from '../harness/end-with-us.ts'
import { type Brokers, startKafka, startOdradek } from './brokers.ts'
import type { Case } from './case.ts'
import { nativeProgram } from './compile.ts'
import type { Stage } from './load-stage.ts'
import { cpuMs, residentBytes, watchMachine } from './process-cost.ts'
import { API_VERSIONS_FRAME } from './requests.ts'
import { firstAnswer } from './start-case.ts'
import type { TargetName } from './target.ts'

const SETTLE_MS = 2000
/** Of an answer to ApiVersions 0, behind size and correlation id. */
const ERROR_AT = 8
const OPEN_MS_MAX = 60_000

/** Resolves when every connection has been answered once; `close` ends them all. */
async function openConnections(port: number, count: number, frames: string): Promise<{ close(): Promise<void> }> {
  const options = ['idle', `port=${port}`, `frames=${frames}`, `connections=${count}`, `errorAt=${ERROR_AT}`]
  const child = spawn(nativeProgram('load'), options, { stdio: ['pipe', 'pipe', 'pipe'] })
  endWithUs(child)
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  const ended = new Promise<void>((done) => child.once('close', () => done()))
  await new Promise<void>((opened, failed) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), OPEN_MS_MAX)
    createInterface({ input: child.stdout }).once('line', () => {
      clearTimeout(timer)
      opened()
    })
    child.once('close', (code) => failed(new Error(`load idle: ${errors.trim() || `ended with ${code}`}`)))
  })
  return {
    close: () => {
      child.stdin.end()
      return ended
    },
  }
}

function connectionsStage(brokers: Brokers, target: TargetName, count: number): Stage {
  return {
    async round() {
      const directory = brokers.directory.next(target)
      const requests = brokers.directory.next('requests')
      mkdirSync(requests)
      const frames = join(requests, 'api-versions')
      writeFileSync(frames, API_VERSIONS_FRAME)
      const broker = await (target === 'kafka' ? startKafka(directory) : startOdradek(directory))
      try {
        await firstAnswer(broker.port)
        await pause(SETTLE_MS)
        const before = residentBytes(broker.pid)
        const shares = watchMachine()
        const cpuBefore = cpuMs(broker.pid)
        const connections = await openConnections(broker.port, count, frames)
        await pause(SETTLE_MS)
        const bytes = residentBytes(broker.pid)
        const machine = shares(cpuMs(broker.pid) - cpuBefore)
        await connections.close()
        const figures = { kbPerConnection: (bytes - before) / 1000 / count, residentMb: bytes / 1e6 }
        return { figures, ...machine, generatorShare: 0 }
      } finally {
        await broker.end()
      }
    },
    end: async () => {},
  }
}

const connectionsCase = (count: number): Case => ({
  name: `${count.toLocaleString('en')} idle connections`,
  targets: ['odradek', 'kafka'],
  open: async (brokers, target) => connectionsStage(brokers, target, count),
})

export const CONNECTION_CASES: readonly Case[] = [connectionsCase(1000), connectionsCase(10_000)]
