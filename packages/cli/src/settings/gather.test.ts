import { parseCommandLine } from './flags.ts'
import { gatherSettings } from './gather.ts'

interface Given {
  readonly argv?: string
  readonly environment?: Record<string, string>
  readonly files?: Record<string, string>
}

function gather({ argv = '', environment = {}, files = {} }: Given): Record<string, string> {
  const line = parseCommandLine(argv.split(' ').filter(Boolean), '0')
  if (line.command === 'print' || line.command === 'task') throw new Error(`no settings: ${argv}`)
  const settings = gatherSettings({
    flags: line.options,
    environment,
    readFile: (path) => (files[path] === undefined ? null : Buffer.from(files[path], 'latin1')),
  })
  return Object.fromEntries([...settings].map(([key, { value }]) => [key, value]))
}

test('without anything there is a data directory and nothing else', () => {
  expect(gather({})).toEqual({ 'log.dirs': '.odradek' })
})

test('flags count before our variables, these before the image’s, these before the file', () => {
  const files = { f: 'num.partitions=1\nnode.id=1\nlog.dirs=file\nodradek.flush=device' }
  const kafka = { KAFKA_NUM_PARTITIONS: '2', KAFKA_NODE_ID: '2', KAFKA_LOG_DIRS: 'image' }
  const own = { ODRADEK_NODE_ID: '3', ODRADEK_DATA_DIR: 'variable' }
  const config = { argv: '--config f', files }
  expect(gather(config)).toMatchObject({
    'num.partitions': '1',
    'node.id': '1',
    'log.dirs': 'file',
    'odradek.flush': 'device',
  })
  expect(gather({ ...config, environment: kafka })).toMatchObject({
    'num.partitions': '2',
    'node.id': '2',
    'log.dirs': 'image',
  })
  expect(gather({ ...config, environment: { ...kafka, ...own } })).toMatchObject({
    'num.partitions': '2',
    'node.id': '3',
    'log.dirs': 'variable',
  })
  expect(gather({ argv: '--config f --data-dir flag', files, environment: { ...kafka, ...own } })).toMatchObject({
    'num.partitions': '2',
    'node.id': '3',
    'log.dirs': 'flag',
    'odradek.flush': 'device',
  })
})

test('the file may be named by a variable, and a flag names another', () => {
  const files = { a: 'node.id=1', b: 'node.id=2' }
  expect(gather({ environment: { ODRADEK_CONFIG: 'a' }, files })).toMatchObject({ 'node.id': '1' })
  expect(gather({ argv: '--config b', environment: { ODRADEK_CONFIG: 'a' }, files })).toMatchObject({ 'node.id': '2' })
})

test.each([
  ['--port 0', 'PLAINTEXT://localhost:0'],
  ['--port 65535', 'PLAINTEXT://localhost:65535'],
  ['--host 0.0.0.0', 'PLAINTEXT://0.0.0.0:9092'],
  ['--host 0.0.0.0 --insecure', 'PLAINTEXT://:9092'],
  ['--host :: --insecure --port 1', 'PLAINTEXT://:1'],
  ['--host 10.0.0.7 --insecure', 'PLAINTEXT://10.0.0.7:9092'],
  ['--host ::1 --port 7', 'PLAINTEXT://[::1]:7'],
  ['--host [::1] --port 7', 'PLAINTEXT://[::1]:7'],
])('%s is the listener %s', (argv, listener) => {
  expect(gather({ argv })['listeners']).toBe(listener)
})

test('a port or a host named near by replaces all that others say about listeners', () => {
  const files = {
    f: 'listeners=A://:1\nadvertised.listeners=A://a:1\nlistener.security.protocol.map=A:PLAINTEXT\nnode.id=5',
  }
  expect(gather({ argv: '--config f --port 3', files })).toEqual({
    listeners: 'PLAINTEXT://localhost:3',
    'node.id': '5',
    'log.dirs': '.odradek',
  })
  const environment = { KAFKA_LISTENERS: 'A://:1', KAFKA_ADVERTISED_LISTENERS: 'A://a:1', ODRADEK_PORT: '3' }
  expect(gather({ environment })).toEqual({ listeners: 'PLAINTEXT://localhost:3', 'log.dirs': '.odradek' })
})

test('a directory named by Kafka’s older key is taken', () => {
  expect(gather({ argv: '--config f', files: { f: 'log.dir=x' } })).toEqual({ 'log.dir': 'x' })
})

test('values of a file are Latin-1 with escapes, as Kafka reads them', () => {
  expect(gather({ argv: '--config f', files: { f: 'broker.rack=é\\u6f22' } })['broker.rack']).toBe('é漢')
})

test.each([
  ['--port abc', {}, '--port abc: not a port; give a number from 0 to 65535 (0 picks a free one)'],
  ['--port 65536', {}, '--port 65536: not a port'],
  ['--port -1', {}, '--port -1: not a port'],
  ['--config none', {}, '--config none: there is no such file'],
  ['--config f', { f: 'a=1\nb=\\u1' }, 'f, line 2: \\u1 is no character'],
])('%s is refused with the value and the remedy', (argv, files, message) => {
  expect(() => gather({ argv, files })).toThrow(message)
})

test('a file that cannot be read says why', () => {
  const readFile = () => {
    throw new Error('EACCES: permission denied')
  }
  const flags = new Map([['config' as const, { value: 'f', origin: '--config' }]])
  expect(() => gatherSettings({ flags, environment: {}, readFile })).toThrow('--config f: cannot be read (EACCES')
})

test('a refused variable is named as the person wrote it', () => {
  expect(() => gather({ environment: { ODRADEK_PORT: 'x' } })).toThrow('ODRADEK_PORT x: not a port')
})
