import type { LogFields, Logger } from '@odradek/core'

/** Kafka's names, the most talkative first. */
export const LOGGER_LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const
export type LoggerLevel = (typeof LOGGER_LEVELS)[number]

export const ROOT_LOGGER = 'root'

/** Of the root, unless odradek.log.level says otherwise. */
export const BROKER_LOGGER_LEVEL: LoggerLevel = 'INFO'

/** The loggers there are: each part of the broker under the name that the same part of Kafka has, and what it tells. */
export const LOGGER_TABLE = {
  [ROOT_LOGGER]: 'The level of every logger that has none of its own.',
  'kafka.coordinator.transaction.TransactionCoordinator': 'Transactions: coordinators, and the markers they write.',
  'kafka.network.SocketServer': 'Connections: which were refused or closed, and why.',
  'kafka.server.BrokerServer': 'The process as a whole: its start and stop, what it was told, its backups.',
  'kafka.server.KafkaApis': 'Requests that failed by a bug.',
  'kafka.server.ReplicaManager': 'Partitions: opened, offline, deleted.',
  'org.apache.kafka.controller.QuorumController': 'Changes of the metadata that could not be recorded.',
  'org.apache.kafka.coordinator.group.GroupCoordinatorService':
    'Consumer groups: coordinators, and what they read and write.',
  'org.apache.kafka.storage.internals.log.LogManager':
    'Logs on disk: recovery, retention, compaction, moves between directories, failures.',
} as const
export type LoggerName = keyof typeof LOGGER_TABLE

const NAMES = Object.keys(LOGGER_TABLE)

export function isLoggerName(name: string): name is LoggerName {
  return NAMES.includes(name)
}

export function loggerLevelOf(text: string): LoggerLevel | undefined {
  return LOGGER_LEVELS.find((level) => level === text)
}

/**
 * Decides which lines are written, by the name of the logger they come from. Levels change while the broker runs, and
 * are forgotten when it stops, as Kafka's are.
 */
export class BrokerLoggers {
  private readonly sink: Logger
  private readonly own = new Map<LoggerName, LoggerLevel>()
  private root: LoggerLevel

  /** `sink` writes everything it is given. */
  constructor(sink: Logger, root: LoggerLevel) {
    this.sink = sink
    this.root = root
  }

  names(): readonly LoggerName[] {
    return NAMES.filter(isLoggerName)
  }

  /** The level in force: the logger's own, else the root's. */
  level(name: LoggerName): LoggerLevel {
    return this.own.get(name) ?? this.root
  }

  set(name: LoggerName, level: LoggerLevel): void {
    if (name === ROOT_LOGGER) this.root = level
    else this.own.set(name, level)
  }

  /** The logger follows the root again. */
  reset(name: LoggerName): void {
    this.own.delete(name)
  }

  /** Follows the level of `name` for ever. */
  of(name: LoggerName): Logger {
    const { sink } = this
    const isWritten = (level: LoggerLevel) => LOGGER_LEVELS.indexOf(level) >= LOGGER_LEVELS.indexOf(this.level(name))
    return {
      debug: (message: string, fields?: LogFields) => isWritten('DEBUG') && sink.debug(message, fields),
      info: (message: string, fields?: LogFields) => isWritten('INFO') && sink.info(message, fields),
      warn: (message: string, fields?: LogFields) => isWritten('WARN') && sink.warn(message, fields),
      error: (message: string, fields?: LogFields) => isWritten('ERROR') && sink.error(message, fields),
    }
  }
}
