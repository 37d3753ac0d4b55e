import { Command } from 'commander'
import { DEFAULT_BOOTSTRAP, parseBootstrap } from '../client/bootstrap.ts'
import { readClientSecurity } from '../client/client-security.ts'
import { KafkaClient, type KafkaClientOptions } from '../client/kafka-client.ts'
import { secureTransport } from '../client/secure-transport.ts'
import type { Host } from '../host.ts'
import { CLUSTER_COMMANDS } from './cluster-commands.ts'
import { CONFIGS_COMMANDS } from './configs-commands.ts'
import { CONSUME } from './consume-command.ts'
import { Given } from './given.ts'
import { GROUPS_COMMANDS } from './groups-commands.ts'
import { LOG_DIRS_COMMANDS } from './log-dirs-commands.ts'
import { PRODUCE } from './produce-command.ts'
import { Session } from './session.ts'
import { TOPICS_COMMANDS } from './topics-commands.ts'
import type { ClientVerb } from './verb.ts'

export type ClientTask = (host: Host) => Promise<number>

const BOOTSTRAP_VARIABLE = 'ODRADEK_BOOTSTRAP'
const COMMAND_CONFIG_VARIABLE = 'ODRADEK_COMMAND_CONFIG'
const TIMEOUT_MS_DEFAULT = 15_000
const TIMEOUT_MS_MAX = 3_600_000

const EPILOGUE = `
Brokers are those of --bootstrap, or of the variable ${BOOTSTRAP_VARIABLE}, or ${DEFAULT_BOOTSTRAP}: this broker or any Apache Kafka.
Ends with code 0 when all was done, 1 when something could not be, 2 when it was asked for wrongly. With --json standard output
has one JSON object a line.`

interface Noun {
  readonly name: string
  readonly description: string
  /** Several verbs below the word, or the word is a command by itself. */
  readonly verbs: readonly ClientVerb[] | ClientVerb
}

const NOUNS: readonly Noun[] = [
  { name: 'topics', description: 'List, describe, create, alter and delete topics; offsets.', verbs: TOPICS_COMMANDS },
  {
    name: 'configs',
    description: 'Describe and alter configs of topics, brokers and groups.',
    verbs: CONFIGS_COMMANDS,
  },
  {
    name: 'groups',
    description: 'Consumer groups: state, members, lag; reset and delete offsets.',
    verbs: GROUPS_COMMANDS,
  },
  { name: 'produce', description: PRODUCE.description, verbs: PRODUCE },
  { name: 'consume', description: CONSUME.description, verbs: CONSUME },
  { name: 'log-dirs', description: 'Where partitions lie, and how large they are.', verbs: LOG_DIRS_COMMANDS },
  {
    name: 'cluster',
    description: 'Brokers, features, quorum, and the APIs that brokers have.',
    verbs: CLUSTER_COMMANDS,
  },
]

/**
 * The commands for people who use a cluster. Only the one that stands in `argv` gets its verbs and flags: the others are there
 * for the help, and a broker that starts pays for none of them.
 */
export function clientCommands(argv: readonly string[], take: (task: ClientTask) => void): readonly Command[] {
  return NOUNS.map(({ name, description, verbs }) => {
    const command = new Command(name).description(description).helpOption('--help', 'print this').helpCommand(false)
    if (argv[0] !== name) return command
    command.addHelpText('after', EPILOGUE)
    if ('task' in verbs) return defineVerb(command, verbs, take)
    for (const verb of verbs) {
      const child = new Command(verb.name).description(verb.description).helpOption('--help', 'print this')
      command.addCommand(defineVerb(child, verb, take))
    }
    return command
  })
}

function defineVerb(command: Command, verb: ClientVerb, take: (task: ClientTask) => void): Command {
  verb.define(command)
  return command
    .option('--bootstrap <host:port>', `brokers to begin with, with commas (${BOOTSTRAP_VARIABLE})`)
    .option('--command-config <file>', `Kafka’s keys for TLS and SASL of a client (${COMMAND_CONFIG_VARIABLE})`)
    .option('--timeout <ms>', `what an answer may take (${TIMEOUT_MS_DEFAULT})`)
    .option('--json', 'one JSON object a line, for other programs')
    .action(() => {
      const given = new Given(command.args, command.opts())
      const work = verb.task(given)
      take((host) => runTask(host, given, work))
    })
}

async function runTask(host: Host, given: Given, work: (session: Session) => Promise<void>): Promise<number> {
  const variable = host.environment[BOOTSTRAP_VARIABLE]
  const flag = given.text('bootstrap')
  const bootstrap = parseBootstrap(
    flag ?? variable ?? DEFAULT_BOOTSTRAP,
    flag === null ? BOOTSTRAP_VARIABLE : '--bootstrap',
  )
  const timeoutMs = given.integer('timeout', 1, TIMEOUT_MS_MAX) ?? TIMEOUT_MS_DEFAULT
  const client = new KafkaClient({
    bootstrap,
    clock: host.clock,
    pause: (delayMs) => host.pause(delayMs),
    timeoutMs,
    ...(await securityGiven(host, given)),
  })
  const session = new Session(host, client, given.has('json'))
  try {
    await work(session)
    return session.exitCode
  } finally {
    client.close()
  }
}

async function securityGiven(host: Host, given: Given): Promise<Partial<KafkaClientOptions>> {
  const path = given.text('commandConfig') ?? host.environment[COMMAND_CONFIG_VARIABLE]
  if (path === undefined) return {}
  const security = await readClientSecurity(path, host.fs)
  return { security, transport: secureTransport(security, host.prng) }
}
