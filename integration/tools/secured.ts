/** Ports of a broker on which users log in: plain, controller (the real one's), and theirs. */
export const SECURED_PORTS = 3

const JAAS = 'org.apache.kafka.common.security'
const USERS = ['admin', 'alice', 'bob', 'carol']

/** ACLs, logins and delegation tokens. Whoever comes in on the plain listener may do everything, as `admin` may. */
const SETTINGS: Readonly<Record<string, string>> = {
  'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
  'listener.name.users.plain.sasl.jaas.config': `${JAAS}.plain.PlainLoginModule required ${USERS.map((name) => `user_${name}="${name}-secret"`).join(' ')};`,
  'listener.name.users.scram-sha-256.sasl.jaas.config': `${JAAS}.scram.ScramLoginModule required;`,
  'listener.name.users.scram-sha-512.sasl.jaas.config': `${JAAS}.scram.ScramLoginModule required;`,
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': 'User:ANONYMOUS;User:admin',
  'delegation.token.secret.key': 'the secret of both',
}

const PROTOCOLS = 'PLAINTEXT:PLAINTEXT,USERS:SASL_PLAINTEXT'

export function securedListeners(firstPort: number): string {
  return `PLAINTEXT://127.0.0.1:${firstPort},USERS://127.0.0.1:${firstPort + 2}`
}

/** For Kafka's own server.properties. */
export function securedProperties(firstPort: number): string {
  const clients = securedListeners(firstPort)
  const settings = {
    ...SETTINGS,
    listeners: `${clients},CONTROLLER://127.0.0.1:${firstPort + 1}`,
    'advertised.listeners': clients,
    'listener.security.protocol.map': `${PROTOCOLS},CONTROLLER:PLAINTEXT`,
  }
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')
}

/** The same in variables, as the official image names them. */
export function securedEnvironment(): Readonly<Record<string, string>> {
  const settings = { ...SETTINGS, 'listener.security.protocol.map': PROTOCOLS }
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [variableOf(key), value]))
}

function variableOf(key: string): string {
  return `KAFKA_${key.toUpperCase().replaceAll('_', '__').replaceAll('-', '___').replaceAll('.', '_')}`
}

/** What a tool needs to log in: a file for `--command-config`. */
export function loginFile(name: string, password: string, mechanism = 'PLAIN', more = ''): string {
  const module = mechanism === 'PLAIN' ? 'plain.PlainLoginModule' : 'scram.ScramLoginModule'
  return `security.protocol=SASL_PLAINTEXT
sasl.mechanism=${mechanism}
sasl.jaas.config=${JAAS}.${module} required username="${name}" password="${password}"${more};
`
}
