import { ManualClock } from '@odradek/core'
import { LineLogger, LOGGED_FIELD_CHARS_MAX, type LogLevel } from './line-logger.ts'

function lines(level: LogLevel, log: (logger: LineLogger) => void): readonly string[] {
  const written: string[] = []
  log(new LineLogger({ clock: new ManualClock(1_760_000_000_123), level, write: (line) => written.push(line) }))
  return written
}

const fieldOf = (value: string) => {
  const [line = ''] = lines('info', (logger) => logger.info('m', { f: value }))
  return line.slice(line.indexOf('f=') + 2, -1)
}

test('a line has time, level, message and fields', () => {
  expect(
    lines('debug', (logger) => logger.warn('connection closed', { peer: '127.0.0.1:5', reason: 'no more', bytes: 7n })),
  ).toEqual(['2025-10-09T08:53:20.123Z WARN  connection closed peer=127.0.0.1:5 reason="no more" bytes=7\n'])
})

test('fields without a value are left out, null is shown', () => {
  expect(lines('info', (logger) => logger.info('m', { a: undefined, b: null, c: false }))).toEqual([
    '2025-10-09T08:53:20.123Z INFO  m b=null c=false\n',
  ])
})

test('only the asked level and those above are written', () => {
  const all = (logger: LineLogger) => {
    logger.debug('d')
    logger.info('i')
    logger.warn('w')
    logger.error('e')
  }
  expect(lines('debug', all)).toHaveLength(4)
  expect(lines('warn', all).map((line) => line.slice(-2, -1))).toEqual(['w', 'e'])
  expect(lines('error', all)).toHaveLength(1)
})

test('what comes over the wire cannot leave its field', () => {
  expect(fieldOf('\u001b[31mred\u001b[0m')).toBe('"\\u001b[31mred\\u001b[0m"')
  expect(fieldOf('a\n2025-10-09 ERROR forged')).toBe('"a\\n2025-10-09 ERROR forged"')
  expect(fieldOf('a" b="c\\')).toBe('"a\\" b=\\"c\\\\"')
  expect(fieldOf('\u009b2J\u202etxt')).toBe('"\\u009b2J\\u202etxt"')
  expect(fieldOf('')).toBe('""')
})

test('a field may be as long as the limit and is cut past it', () => {
  expect(fieldOf('x'.repeat(LOGGED_FIELD_CHARS_MAX))).toBe('x'.repeat(LOGGED_FIELD_CHARS_MAX))
  expect(fieldOf('x'.repeat(LOGGED_FIELD_CHARS_MAX + 1))).toBe(`"${'x'.repeat(LOGGED_FIELD_CHARS_MAX)}…"`)
})
