import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { compiled } from './java-programs.ts'

export type TransformerKind = 'kafkajs' | 'java-4.4.0' | 'java-3.9.2'
export const TRANSFORMER_KINDS: readonly TransformerKind[] = ['kafkajs', 'java-4.4.0', 'java-3.9.2']

const RESTART_MS = 100
const OUTPUT_CHARACTERS_MAX = 20_000

function commandOf(kind: TransformerKind): readonly string[] {
  if (kind === 'kafkajs') {
    const program = join(process.cwd(), 'integration/exactly-once/kafkajs-transformer.ts')
    return [process.execPath, ...process.execArgv, program]
  }
  const libraries = kind === 'java-4.4.0' ? 'clients-4.4.0' : 'clients-3.9.2'
  const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'
  return [
    'java',
    '-Xmx256m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    quiet,
    '-cp',
    compiled('Transformer', libraries),
    'Transformer',
  ]
}

/** A consume-transform-produce process that is there again whenever it has ended, until it is stopped. */
export class Transformer {
  /** Ends that nobody asked for: a client gave up, and its successor goes on. */
  gaveUp = 0
  output = ''
  private readonly command: readonly string[]
  private child: ChildProcess | null = null
  private isStopped = false

  constructor(kind: TransformerKind, programArguments: readonly string[]) {
    this.command = [...commandOf(kind), ...programArguments]
    this.start()
  }

  /** It comes back by itself. */
  kill(): void {
    this.gaveUp -= 1
    this.child?.kill('SIGKILL')
  }

  stop(): void {
    this.isStopped = true
    this.child?.kill('SIGKILL')
  }

  private start(): void {
    if (this.isStopped) return
    const [program = '', ...programArguments] = this.command
    const child = spawn(program, programArguments, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.child = child
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => {
        this.output = (this.output + chunk).slice(-OUTPUT_CHARACTERS_MAX)
      })
    child.once('exit', () => {
      if (this.isStopped) return
      this.gaveUp += 1
      setTimeout(() => this.start(), RESTART_MS)
    })
  }
}
