import { type BenchOptions, FlagError, type ModeName, parseFlags } from './flags.ts'
import { gatesMode } from './gates-mode.ts'
import { profileMode } from './profile/profile-mode.ts'
import { roundsMode } from './rounds-mode.ts'
import { scalingMode } from './scaling/scaling-mode.ts'
import { stockMode } from './stock-mode.ts'

/** Resolves with the exit code. */
type Mode = (options: BenchOptions) => Promise<number>

const MODES: Readonly<Record<ModeName, Mode>> = {
  rounds: roundsMode,
  gates: gatesMode,
  profile: profileMode,
  scaling: scalingMode,
  'stock-clients': stockMode,
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
