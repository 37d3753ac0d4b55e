import { odradekVariables } from './odradek-variables.ts'
import { OPTIONS } from './options.ts'

test('every flag has a variable with its words', () => {
  expect(OPTIONS.map(({ flag, variable }) => [flag.split(' ')[0], variable])).toEqual([
    ['--port', 'ODRADEK_PORT'],
    ['--host', 'ODRADEK_HOST'],
    ['--data-dir', 'ODRADEK_DATA_DIR'],
    ['--ephemeral', 'ODRADEK_EPHEMERAL'],
    ['--topic', 'ODRADEK_TOPIC'],
    ['--brokers', 'ODRADEK_BROKERS'],
    ['--node-id', 'ODRADEK_NODE_ID'],
    ['--flush', 'ODRADEK_FLUSH'],
    ['--insecure', 'ODRADEK_INSECURE'],
    ['--acls', 'ODRADEK_ACLS'],
    ['--http-port', 'ODRADEK_HTTP_PORT'],
    ['--feature', 'ODRADEK_FEATURE'],
    ['--config', 'ODRADEK_CONFIG'],
    ['--log-level', 'ODRADEK_LOG_LEVEL'],
  ])
})

test('variables are options where a flag exists, and keys of ours otherwise', () => {
  const { options, settings } = odradekVariables({
    ODRADEK_PORT: '9000',
    ODRADEK_TOPIC: 'a:1,b:2',
    ODRADEK_INSECURE: '1',
    ODRADEK_EPHEMERAL: 'false',
    ODRADEK_HOST: '',
    ODRADEK_RECORD_VALIDATION: 'full',
    HOME: '/root',
    ODRADEK_: 'x',
  })
  expect(Object.fromEntries(options)).toEqual({
    port: { value: '9000', origin: 'ODRADEK_PORT' },
    topic: { value: 'a:1,b:2', origin: 'ODRADEK_TOPIC' },
    insecure: { value: 'true', origin: 'ODRADEK_INSECURE' },
    ephemeral: { value: 'false', origin: 'ODRADEK_EPHEMERAL' },
  })
  expect(Object.fromEntries(settings)).toEqual({
    'odradek.record.validation': { value: 'full', origin: 'ODRADEK_RECORD_VALIDATION' },
  })
})

test('a switch that is neither on nor off is refused', () => {
  expect(() => odradekVariables({ ODRADEK_INSECURE: 'maybe' })).toThrow(
    'ODRADEK_INSECURE=maybe is neither true nor false',
  )
})
