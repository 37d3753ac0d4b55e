import { Command, CommanderError } from 'commander'
import { type ClientTask, clientCommands } from '../commands/client-command.ts'
import type { NodeAction } from '../node-command.ts'
import { type StorageTask, storageCommand } from '../storage/storage-command.ts'
import { UsageError } from '../usage-error.ts'
import { OPTIONS, type OptionDefinition, type OptionName, type Options, type Setting } from './options.ts'

/** What the command line asks for. */
export type CommandLine =
  | { readonly command: 'start' | 'healthcheck'; readonly options: Options }
  | { readonly command: 'node'; readonly options: Options; readonly action: NodeAction; readonly id: string }
  | { readonly command: 'task'; readonly task: StorageTask | ClientTask }
  | { readonly command: 'print'; readonly text: string }

const EPILOGUE = `
Every flag is also a variable: --data-dir is ODRADEK_DATA_DIR. Kafka's keys go into --config, or into variables named as
the official image names them (KAFKA_LOG_RETENTION_MS). Flags count before ODRADEK_ variables, these before KAFKA_
variables, these before the file. One line on standard output tells that the broker can be used: ready HOST:PORT[,...]`

/** @throws UsageError for what is not understood. */
export function parseCommandLine(argv: readonly string[], version: string): CommandLine {
  let printed = ''
  let parsed: CommandLine | null = null
  const program = command('odradek', 'A message broker that speaks the wire protocol of Apache Kafka.')
    .version(`odradek ${version}`, '--version', 'print the version')
    .addHelpText('after', EPILOGUE)
    // `storage check --topic` is not the --topic of a start.
    .enablePositionalOptions()
    .action((values, { args }) => {
      if (args.length > 0) throw new UsageError(`"${args[0]}" is no command; see odradek --help`)
      parsed = { command: 'start', options: optionsFrom(values) }
    })
  program.addCommand(
    command(
      'healthcheck',
      'Ask the broker with these settings whether it answers; ends with code 0 when it does.',
    ).action((_, child) => {
      if (child.args.length > 0) throw new UsageError(`"${child.args[0]}" is no flag; see odradek --help`)
      // Flags before the word and after it mean the same.
      parsed = { command: 'healthcheck', options: optionsFrom(child.optsWithGlobals()) }
    }),
  )
  program.addCommand(
    nodeCommand((action, id, values) => {
      parsed = { command: 'node', options: optionsFrom(values), action, id }
    }),
  )
  program.addCommand(
    storageCommand((task) => {
      parsed = { command: 'task', task }
    }),
  )
  for (const child of clientCommands(argv, (task) => {
    parsed = { command: 'task', task }
  }))
    program.addCommand(child)
  for (const each of [program, ...program.commands.flatMap((child) => [child, ...child.commands])]) {
    each.exitOverride().configureOutput({
      writeOut: (text) => {
        printed += text
      },
      writeErr: () => {},
    })
  }
  try {
    program.parse(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return { command: 'print', text: printed }
    const words = commandWords(program, argv)
    if (error.code === NO_SUBCOMMAND) throw new UsageError(`say what to do; see odradek ${words}--help`)
    throw new UsageError(`${oneLine(error.message)}; see odradek ${words}--help`)
  }
  if (parsed === null) throw new UsageError('nothing to do; see odradek --help')
  return parsed
}

function nodeCommand(
  take: (action: NodeAction, id: string, values: Readonly<Record<string, unknown>>) => void,
): Command {
  const group = new Command('node').description('Take one node out of a running broker with --brokers, or back in.')
  for (const [action, description] of [
    ['stop', 'Stop one node: others lead in its place, its clients go to them.'],
    ['start', 'Start it again, on the same ports, with all that was written meanwhile.'],
  ] as const) {
    const child = command(action, `${description} Takes the broker’s settings.`)
    child.argument('<id>', 'id of the node').allowExcessArguments(false)
    // Flags before the words and after them mean the same.
    child.action((id: string) => take(action, id, child.optsWithGlobals()))
    group.addCommand(child)
  }
  return group.helpOption('--help', 'print this').helpCommand(false)
}

/** What commander ends with when only the first of two words stands there. */
const NO_SUBCOMMAND = 'commander.help'

/** The words that were understood: `topics create `. */
function commandWords(program: Command, argv: readonly string[]): string {
  let words = ''
  let at: Command | undefined = program
  for (const word of argv) {
    at = at.commands.find((child) => child.name() === word)
    if (at === undefined) break
    words += `${word} `
  }
  return words
}

function command(name: string, description: string): Command {
  const built = new Command(name).description(description).allowExcessArguments().helpOption('--help', 'print this')
  for (const { flag, help, kind } of OPTIONS) {
    if (kind === 'list') built.option(flag, help, (value: string, all: readonly string[] = []) => [...all, value])
    else built.option(flag, help)
  }
  return built.helpCommand(false)
}

function optionsFrom(values: Readonly<Record<string, unknown>>): Options {
  const options = new Map<OptionName, Setting>()
  for (const definition of OPTIONS) {
    const value = values[definition.name]
    if (value === undefined) continue
    options.set(definition.name, {
      value: Array.isArray(value) ? value.join(',') : String(value),
      origin: flagName(definition),
    })
  }
  return options
}

const flagName = ({ flag }: OptionDefinition): string => flag.split(' ')[0] ?? flag

/** commander's own message, as one sentence: `unknown option '--prot' (Did you mean --port?)`. */
function oneLine(message: string): string {
  return message.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' ')
}
