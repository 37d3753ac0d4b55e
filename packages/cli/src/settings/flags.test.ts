import { UsageError } from '../usage-error.ts'
import { parseCommandLine } from './flags.ts'

function parse(...argv: string[]) {
  const parsed = parseCommandLine(argv, '1.2.3')
  if (parsed.command === 'print' || parsed.command === 'task') return parsed
  return { ...parsed, options: Object.fromEntries(parsed.options) }
}

test('no flag at all starts a broker', () => {
  expect(parse()).toEqual({ command: 'start', options: {} })
})

test('every flag is taken, with its name as the origin', () => {
  const line =
    '--port 0 --host ::1 --node-id 4 --data-dir d --ephemeral --brokers 3 --flush os --insecure --config f --log-level debug'
  expect(parse(...line.split(' '))).toEqual({
    command: 'start',
    options: {
      port: { value: '0', origin: '--port' },
      host: { value: '::1', origin: '--host' },
      nodeId: { value: '4', origin: '--node-id' },
      dataDir: { value: 'd', origin: '--data-dir' },
      ephemeral: { value: 'true', origin: '--ephemeral' },
      brokers: { value: '3', origin: '--brokers' },
      flush: { value: 'os', origin: '--flush' },
      insecure: { value: 'true', origin: '--insecure' },
      config: { value: 'f', origin: '--config' },
      logLevel: { value: 'debug', origin: '--log-level' },
    },
  })
})

test('flags may be repeated where that means something', () => {
  expect(parse('--topic', 'a:3', '--topic=b', '--feature', 'x=1')).toMatchObject({
    options: { topic: { value: 'a:3,b' }, feature: { value: 'x=1' } },
  })
})

test('the health check takes the same flags, before or after its name', () => {
  expect(parse('healthcheck', '--port', '9')).toMatchObject({
    command: 'healthcheck',
    options: { port: { value: '9' } },
  })
  expect(parse('--port', '9', 'healthcheck')).toMatchObject({
    command: 'healthcheck',
    options: { port: { value: '9' } },
  })
})

test('version and help are printed', () => {
  expect(parse('--version')).toEqual({ command: 'print', text: 'odradek 1.2.3\n' })
  const help = parse('--help')
  expect(help.command === 'print' && help.text).toMatch(
    /--data-dir <directory>[\s\S]*healthcheck[\s\S]*ready HOST:PORT/,
  )
})

test.each([
  [['--prot', '1'], "unknown option '--prot' (Did you mean --port?); see odradek --help"],
  [['--port'], "option '--port <port>' argument missing; see odradek --help"],
  [['stort'], '"stort" is no command; see odradek --help'],
  [['--insecure', 'yes'], '"yes" is no command; see odradek --help'],
  [['healthcheck', 'x'], '"x" is no flag; see odradek --help'],
  [['-x'], "unknown option '-x'; see odradek --help"],
])('%j is refused in one line', (argv, message) => {
  const refused = () => parse(...argv)
  expect(refused).toThrow(UsageError)
  expect(refused).toThrow(message)
  expect(refused).toThrow(expect.objectContaining({ message: expect.not.stringContaining('\n') }))
})
