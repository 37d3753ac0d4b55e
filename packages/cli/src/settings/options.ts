/** One thing that can be set by a flag and by a variable of the environment. */
export interface OptionDefinition {
  readonly name: OptionName
  /** `--port <PORT>`: in commander's notation. */
  readonly flag: string
  readonly variable: string
  readonly help: string
  /** `list`: may be repeated, and stands in one variable with commas. `switch`: takes no value. */
  readonly kind: 'value' | 'list' | 'switch'
  /** The key it sets, where it sets exactly one. */
  readonly key: string | null
}

export type OptionName =
  | 'port'
  | 'host'
  | 'nodeId'
  | 'dataDir'
  | 'ephemeral'
  | 'brokers'
  | 'topic'
  | 'flush'
  | 'httpPort'
  | 'insecure'
  | 'acls'
  | 'feature'
  | 'config'
  | 'logLevel'

/** A value and who gave it: `--port`, `KAFKA_NODE_ID`, `server.properties`. Messages name both. */
export interface Setting {
  readonly value: string
  readonly origin: string
}

export type Settings = ReadonlyMap<string, Setting>
export type Options = ReadonlyMap<OptionName, Setting>

export const OPTIONS: readonly OptionDefinition[] = [
  option('port', '--port <port>', 'value', null, 'port to listen on; 0 picks a free one'),
  option('host', '--host <address>', 'value', null, 'address to listen on, in place of 127.0.0.1 and ::1'),
  option('dataDir', '--data-dir <directory>', 'value', 'log.dirs', 'where everything is kept'),
  option(
    'ephemeral',
    '--ephemeral',
    'switch',
    'odradek.ephemeral',
    'keep everything in memory, and nothing after the end',
  ),
  option(
    'topic',
    '--topic <name:partitions>',
    'list',
    'odradek.topics',
    'make this topic if it is missing; may be repeated',
  ),
  option(
    'brokers',
    '--brokers <count>',
    'value',
    'odradek.brokers',
    'nodes in this process; ports and ids count upwards',
  ),
  option('nodeId', '--node-id <id>', 'value', 'node.id', 'id of the first node'),
  option(
    'flush',
    '--flush <device|os>',
    'value',
    'odradek.flush',
    'where acks=all waits: for the disk, or for the system only',
  ),
  option(
    'insecure',
    '--insecure',
    'switch',
    'odradek.insecure',
    'listen beyond loopback although nobody has to log in',
  ),
  option('acls', '--acls', 'switch', 'odradek.acls', 'ACLs say who may do what; see super.users'),
  option('httpPort', '--http-port <port>', 'value', null, 'port for /metrics, /healthz and /readyz; off without it'),
  option('feature', '--feature <name=level>', 'list', 'odradek.features', 'level of a Kafka feature; may be repeated'),
  option('config', '--config <file>', 'value', null, 'a properties file with Kafka’s own keys'),
  option('logLevel', '--log-level <level>', 'value', 'odradek.log.level', 'debug, info, warn or error'),
]

function option(
  name: OptionName,
  flag: string,
  kind: OptionDefinition['kind'],
  key: string | null,
  help: string,
): OptionDefinition {
  const variable = `ODRADEK_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
  return { name, flag, variable, help, kind, key }
}
