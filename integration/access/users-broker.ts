import { startBroker, type TestBroker } from '@odradek/testing'
import { jaasConfig, SUPER_USER } from './users.ts'

/** A broker here with Kafka's authorizer; gives `use` the port on which these users can log in. */
export async function withUsersBroker<T>(users: readonly string[], use: (port: number) => Promise<T>): Promise<T> {
  const broker: TestBroker = await startBroker({
    settings: {
      listeners: 'USERS://localhost:0',
      'listener.security.protocol.map': 'USERS:SASL_PLAINTEXT',
      'sasl.enabled.mechanisms': 'PLAIN',
      'delegation.token.secret.key': 'secret',
      'listener.name.users.plain.sasl.jaas.config': jaasConfig(users),
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': `User:${SUPER_USER}`,
    },
  })
  try {
    const [port = 0] = broker.nodes.flatMap(({ listeners }) => listeners.map((listener) => listener.port))
    return await use(port)
  } finally {
    await broker.stop()
  }
}
