import type { Logger } from '@odradek/core'
import { BrokerLoggers, LOGGER_LEVELS, type LoggerLevel } from './broker-loggers.ts'

function recording() {
  const lines: string[] = []
  const at = (level: string) => (message: string) => void lines.push(`${level} ${message}`)
  const sink: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  return { lines, sink }
}

function say(logger: Logger): void {
  logger.debug('d')
  logger.info('i')
  logger.warn('w')
  logger.error('e')
}

test.each<[LoggerLevel, readonly string[]]>([
  ['TRACE', ['debug d', 'info i', 'warn w', 'error e']],
  ['DEBUG', ['debug d', 'info i', 'warn w', 'error e']],
  ['INFO', ['info i', 'warn w', 'error e']],
  ['WARN', ['warn w', 'error e']],
  ['ERROR', ['error e']],
  ['FATAL', []],
])('at %s', (level, expected) => {
  const { lines, sink } = recording()
  say(new BrokerLoggers(sink, level).of('kafka.server.KafkaApis'))
  expect(lines).toEqual(expected)
})

test('a logger that was handed out before follows its level, else the root’s', () => {
  const { lines, sink } = recording()
  const loggers = new BrokerLoggers(sink, 'ERROR')
  const apis = loggers.of('kafka.server.KafkaApis')
  const sockets = loggers.of('kafka.network.SocketServer')
  loggers.set('kafka.server.KafkaApis', 'INFO')
  apis.info('apis')
  sockets.info('sockets')
  loggers.set('root', 'WARN')
  sockets.warn('sockets')
  loggers.reset('kafka.server.KafkaApis')
  apis.info('apis again')
  expect(lines).toEqual(['info apis', 'warn sockets'])
  expect(loggers.level('kafka.server.KafkaApis')).toBe('WARN')
})

test('there is a logger for each name, and a level for each of Kafka’s', () => {
  const loggers = new BrokerLoggers(recording().sink, 'INFO')
  expect(loggers.names()).toContain('root')
  for (const name of loggers.names())
    for (const level of LOGGER_LEVELS) {
      loggers.set(name, level)
      expect(loggers.level(name)).toBe(level)
    }
})
