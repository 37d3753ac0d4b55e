import { TestAuthority } from '@odradek/broker/certificates-fixture'
import { CommandLine } from './commands-fixture.ts'

const authority = new TestAuthority()
const USERS = 'user_alice="alice-pw"'
let cluster: CommandLine

beforeAll(async () => {
  const own = authority.issue('/CN=broker')
  cluster = await CommandLine.start('orders:1', {
    listeners: 'SASL_SSL://localhost:0',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    'listener.name.sasl_ssl.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required ${USERS};`,
    'odradek.scram.users': 'alice:alice-pw',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.key': own.key,
    'ssl.keystore.certificate.chain': own.certificate,
  })
})
afterAll(async () => {
  await cluster.stop()
  authority.dispose()
})

const MODULES: Readonly<Record<string, string>> = {
  PLAIN: 'org.apache.kafka.common.security.plain.PlainLoginModule',
  'SCRAM-SHA-256': 'org.apache.kafka.common.security.scram.ScramLoginModule',
  'SCRAM-SHA-512': 'org.apache.kafka.common.security.scram.ScramLoginModule',
}
const MECHANISMS = Object.keys(MODULES)
const trust = (certificate = authority.ca.certificate) => ({
  'ssl.truststore.type': 'PEM',
  'ssl.truststore.certificates': certificate.replaceAll('\n', ' '),
})

function properties(
  mechanism: string,
  password = 'alice-pw',
  rest: Readonly<Record<string, string>> = trust(),
): string {
  const jaas = `${MODULES[mechanism]} required username="alice" password="${password}";`
  const all = { 'security.protocol': 'SASL_SSL', 'sasl.mechanism': mechanism, 'sasl.jaas.config': jaas, ...rest }
  return Object.entries(all)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')
}

const run = (line: string, text: string, input: readonly string[] = []) =>
  cluster.run(`${line} --command-config /client.properties`, { files: { '/client.properties': text }, input })

test.each(MECHANISMS)(
  'a login by %s over TLS: administration, produce, consume alone and in a group',
  async (mechanism) => {
    const text = properties(mechanism)
    expect(await run('topics list', text)).toMatchObject({ code: 0, stdout: expect.stringContaining('orders') })
    expect(await run('produce orders', text, [`by ${mechanism}\n`])).toMatchObject({ code: 0 })
    const alone = await run('consume orders --from-beginning --until-end', text)
    expect(alone).toMatchObject({ code: 0, stdout: expect.stringContaining(`by ${mechanism}\n`) })
    const count = alone.stdout.split('\n').length - 1
    const group = `consume orders --group g-${mechanism} --from-beginning --max-records ${count}`
    expect(await run(group, text)).toMatchObject({ code: 0, stdout: alone.stdout })
  },
)

test.each(MECHANISMS)('a wrong password for %s is told, and no password is printed', async (mechanism) => {
  const { code, stderr } = await run('topics list --timeout 5000', properties(mechanism, 'not-hers'))
  expect(code).toBe(1)
  expect(stderr).toContain(`refuses the ${mechanism} login`)
  expect(stderr).not.toContain('not-hers')
})

test('a broker that another authority has signed for is not trusted, nor one under another name', async () => {
  const stranger = new TestAuthority('/CN=Stranger')
  const other = await run('topics list', properties('PLAIN', 'alice-pw', trust(stranger.ca.certificate)))
  stranger.dispose()
  expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot be reached') })
  const clear = await cluster.run('topics list --timeout 3000')
  expect(clear.code).toBe(1)
})

test.each<[string, string, string]>([
  ['another protocol', 'security.protocol=TLS\n', 'security.protocol=TLS is not one of'],
  [
    'a mechanism that is none',
    'security.protocol=SASL_SSL\nsasl.mechanism=GSSAPI\n',
    'sasl.mechanism=GSSAPI is not one of',
  ],
  ['no login', 'security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n', 'sasl.jaas.config has to be'],
  [
    'the module of another mechanism',
    properties('PLAIN').replace('mechanism=PLAIN', 'mechanism=SCRAM-SHA-256'),
    'ScramLoginModule required',
  ],
  ['no password', properties('PLAIN').replace('password=', 'pass='), 'sasl.jaas.config has no password='],
  ['a store that is not there', 'security.protocol=SSL\nssl.truststore.location=/none.jks\n', 'there is no such file'],
  [
    'a store of another kind',
    'security.protocol=SSL\nssl.truststore.location=/x\nssl.truststore.type=BKS\n',
    'BKS is not one of',
  ],
  [
    'a token from an address',
    'security.protocol=SASL_SSL\nsasl.mechanism=OAUTHBEARER\nsasl.oauthbearer.token.endpoint.url=https://idp/token\n',
    'has to be file:///',
  ],
])('%s is refused by its key', async (_, text, message) => {
  expect(await run('topics list', text)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) })
})

test('a file that is not there is named', async () => {
  const { code, stderr } = await cluster.run('topics list --command-config /nowhere')
  expect([code, stderr]).toEqual([2, expect.stringContaining('--command-config /nowhere: there is no such file')])
})

const portOf = (line: CommandLine) => line.bootstrap.split(':').at(-1)
const healthcheck = (port: string | undefined, protocol: string) =>
  cluster.run('healthcheck --config /server.properties', {
    files: { '/server.properties': `listeners=${protocol}://localhost:${port}\n` },
  })

test('the health check asks a TLS listener, and knows what is none', async () => {
  expect(await healthcheck(portOf(cluster), 'SASL_SSL')).toMatchObject({ code: 0, stderr: '' })
  expect((await healthcheck(portOf(cluster), 'PLAINTEXT')).code).toBe(1)
})

test.each(['TLSv1.2', 'TLSv1.3'])(
  'a listener that wants a certificate over %s is well without the check having one',
  async (version) => {
    const own = authority.issue('/CN=broker')
    const wanting = await CommandLine.start('', {
      listeners: 'SSL://localhost:0',
      'ssl.client.auth': 'required',
      'ssl.enabled.protocols': version,
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.key': own.key,
      'ssl.keystore.certificate.chain': own.certificate,
      ...trust(),
    })
    const found = await healthcheck(portOf(wanting), 'SSL')
    await wanting.stop()
    expect(found).toMatchObject({ code: 0, stderr: '' })
    expect((await healthcheck(portOf(wanting), 'SSL')).code).toBe(1)
  },
)
