import type { Setting, Settings } from './options.ts'

/** What the official image keeps for its own scripts and for the Java machine; none of them is a setting of the broker. */
const IMAGE_VARIABLES: ReadonlySet<string> = new Set([
  'KAFKA_DEBUG',
  'KAFKA_GC_LOG_OPTS',
  'KAFKA_HEAP_OPTS',
  'KAFKA_HOME',
  'KAFKA_JMX_HOSTNAME',
  'KAFKA_JMX_OPTS',
  'KAFKA_JMX_PORT',
  'KAFKA_JVM_PERFORMANCE_OPTS',
  'KAFKA_LOG4J_LOGGERS',
  'KAFKA_LOG4J_OPTS',
  'KAFKA_LOG4J_ROOT_LOGLEVEL',
  'KAFKA_OPTS',
  'KAFKA_TOOLS_LOG4J_LOGLEVEL',
  'KAFKA_VERSION',
])

const PREFIX = 'KAFKA_'

/** Environment variables with the official image's names, as Kafka's keys: `KAFKA_LOG_RETENTION_MS` is `log.retention.ms`. */
export function kafkaVariables(environment: Readonly<Record<string, string | undefined>>): Settings {
  const settings = new Map<string, Setting>()
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || !name.startsWith(PREFIX) || name === PREFIX || IMAGE_VARIABLES.has(name)) continue
    settings.set(keyOfVariable(name.slice(PREFIX.length)), { value, origin: name })
  }
  return settings
}

/** The image's rule: one underscore is a dot, two are an underscore, three a dash; longer runs are read from the left. */
export function keyOfVariable(name: string): string {
  return name.toLowerCase().replaceAll('_', '.').replaceAll('...', '-').replaceAll('..', '_')
}
