import { MemoryFs } from '@odradek/log'
import { readClientSecurity } from './client-security.ts'

async function loginOf(options: string) {
  const fs = new MemoryFs()
  const file = fs.openSync('client.properties', 'create')
  const lines = [
    'security.protocol=SASL_PLAINTEXT',
    'sasl.mechanism=SCRAM-SHA-512',
    `sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="u" password="p" ${options};`,
  ]
  file.writeSync([Buffer.from(lines.join('\n'))], 0)
  file.closeSync()
  return (await readClientSecurity('client.properties', fs)).login
}

test.each([
  ['', false],
  ['tokenauth="true"', true],
  ['tokenauth=TRUE', true],
  ['tokenauth="True"', true],
  ['tokenauth="false"', false],
  ['tokenauth="yes"', false],
])('a login with %j: a delegation token is %s', async (options, isToken) => {
  const login = { mechanism: 'SCRAM-SHA-512', name: 'u', password: 'p', isToken }
  expect(await loginOf(options)).toEqual(login)
})
