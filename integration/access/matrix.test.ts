import { handlers } from '@odradek/broker'
import { startBroker } from '@odradek/testing'
import { type AccessCase, accessCases, jaasConfig, playMatrix, SUPER_USER } from './matrix.ts'
import { accessRows } from './rows.ts'

const MATRIX_MS_MAX = 120_000

const served = new Set(handlers.map(({ api }) => api.key))

/** A broker that lets in a user for each of these cases. */
function start(cases: readonly AccessCase[]) {
  return startBroker({
    settings: {
      listeners: 'USERS://localhost:0',
      'listener.security.protocol.map': 'USERS:SASL_PLAINTEXT',
      'sasl.enabled.mechanisms': 'PLAIN',
      'delegation.token.secret.key': 'secret',
      'listener.name.users.plain.sasl.jaas.config': jaasConfig(cases),
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': `User:${SUPER_USER}`,
    },
  })
}

test('every API that is served has its row', () => {
  const rowed = new Set(accessRows.map(({ apiKey }) => apiKey))
  expect(handlers.filter(({ api }) => !rowed.has(api.key)).map(({ api }) => api.name)).toEqual([])
})

test(
  'nobody is served without the rights, everybody with them, and nobody to whom they are denied',
  async () => {
    const cases = accessCases(accessRows.filter(({ apiKey }) => served.has(apiKey)))
    const broker = await start(cases)
    try {
      const [port = 0] = broker.nodes.flatMap(({ listeners }) => listeners.map((listener) => listener.port))
      expect(await playMatrix(port, cases)).toEqual([])
    } finally {
      await broker.stop()
    }
  },
  MATRIX_MS_MAX,
)
