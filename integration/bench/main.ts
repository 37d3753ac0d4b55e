import { type BenchOptions, FlagError, type ModeName, parseFlags } from './flags.ts'
import { nodeRounds } from './node-rounds.ts'

/** Resolves with the exit code. */
type Mode = (options: BenchOptions) => Promise<number>

function notBuilt(what: string): Mode {
  return async () => {
    throw new FlagError(`${what}: not built yet`)
  }
}

const MODES: Readonly<Record<ModeName, Mode>> = {
  rounds: async ({ workload }) => {
    await nodeRounds(workload)
    return 0
  },
  gates: notBuilt('--gates'),
  profile: notBuilt('--profile'),
  scaling: notBuilt('--scaling'),
  'stock-clients': notBuilt('--stock-clients'),
}

async function main(argv: readonly string[]): Promise<number> {
  const command = parseFlags(argv)
  if ('print' in command) {
    process.stdout.write(command.print)
    return 0
  }
  return MODES[command.run.mode](command.run)
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    console.error(error instanceof FlagError ? error.message : error)
    process.exitCode = error instanceof FlagError ? 2 : 1
  },
)
