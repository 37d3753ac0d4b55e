import { Command, CommanderError, InvalidArgumentError } from 'commander'

/** Past this many rounds a machine is not quiet enough to measure anything. */
export const ROUNDS_MAX = 24
const ROUNDS_DEFAULT = 5

/** What one call of the bench does. */
export type ModeName = 'rounds' | 'gates' | 'profile' | 'scaling' | 'stock-clients'

export interface BenchOptions {
  readonly mode: ModeName
  /** A part of the names of the workloads to run; all of them where it is empty. */
  readonly workload: string
  /** Where the result goes as JSON; nowhere when null. */
  readonly json: string | null
  /** Rounds that are wanted of each workload; as many again may be thrown away. */
  readonly rounds: number
  readonly withKafka: boolean
}

/** What the person who runs the bench can put right. */
export class FlagError extends Error {
  override readonly name = 'FlagError'
}

export type BenchCommand = { readonly run: BenchOptions } | { readonly print: string }

function roundsFrom(text: string): number {
  const rounds = Number(text)
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > ROUNDS_MAX)
    throw new InvalidArgumentError(`rounds are a whole number from 1 to ${ROUNDS_MAX}`)
  return rounds
}

/** Flags that say what to do; at most one of them stands in a command line. */
const MODE_FLAGS = ['gates', 'profile', 'scaling', 'stockClients'] as const
const MODES: Readonly<Record<(typeof MODE_FLAGS)[number], ModeName>> = {
  gates: 'gates',
  profile: 'profile',
  scaling: 'scaling',
  stockClients: 'stock-clients',
}

/** @throws FlagError for what is not understood. */
export function parseFlags(argv: readonly string[]): BenchCommand {
  let printed = ''
  const program = new Command('npm run bench --')
    .description('Measures the broker beside a C program that does no more than it must, and beside Apache Kafka 4.4.')
    .option('--workload <pattern>', 'only workloads with this part in their names', '')
    .option('--rounds <count>', `rounds wanted of each workload, at most ${ROUNDS_MAX}`, roundsFrom, ROUNDS_DEFAULT)
    .option('--without-kafka', 'leave Apache Kafka out: no Java needed')
    .option('--json <file>', 'write the result there as JSON')
    .option('--gates', 'judge the gates; ends with code 1 when one fails')
    .option('--profile <workload>', 'CPU and allocation profile of the broker under one workload')
    .option('--scaling', 'cost per request against connections, partitions, topics, groups and log size')
    .option('--stock-clients', 'kafkajs, rdkafka_performance and Kafka’s own programs against broker and Kafka')
    .exitOverride()
    .allowExcessArguments(false)
    .configureOutput({
      writeOut: (text) => {
        printed += text
      },
      writeErr: () => {},
    })
  try {
    program.parse(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return { print: printed }
    throw new FlagError(`${error.message.replace(/^error: /, '').replaceAll('\n', ' ')}; see npm run bench -- --help`)
  }
  return { run: optionsFrom(program.opts()) }
}

function optionsFrom(values: Readonly<Record<string, unknown>>): BenchOptions {
  const modes = MODE_FLAGS.filter((flag) => values[flag] !== undefined)
  const [mode] = modes
  if (mode === 'profile' && values['workload'] !== '')
    throw new FlagError('--profile names its workload: leave --workload out')
  if (modes.length > 1)
    throw new FlagError(`${modes.map((flag) => `--${MODES[flag]}`).join(' and ')} at once: choose one of them`)
  return {
    mode: mode === undefined ? 'rounds' : MODES[mode],
    workload: String(values['profile'] ?? values['workload']),
    json: typeof values['json'] === 'string' ? values['json'] : null,
    rounds: Number(values['rounds']),
    withKafka: values['withoutKafka'] === undefined,
  }
}
