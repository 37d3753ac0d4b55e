/** What both brokers are started with, beyond what a Kafka of one node needs. */
export const SETTINGS: Readonly<Record<string, string>> = {
  'offsets.topic.num.partitions': '5',
  'transaction.state.log.num.partitions': '5',
  'group.initial.rebalance.delay.ms': '0',
}

const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']
/** Who logs in by PLAIN; users of SCRAM are made by the scenarios. */
export const PLAIN_USER = { name: 'alice', password: 'alice-secret' }
/** What delegation tokens are made with. */
export const SECRET_KEY = 'the secret of both'

const JAAS = 'org.apache.kafka.common.security'

/** And what those have too on which users log in; their listener is named USERS. */
export const LOGIN_SETTINGS: Readonly<Record<string, string>> = {
  'sasl.enabled.mechanisms': MECHANISMS.join(),
  'listener.name.users.plain.sasl.jaas.config': `${JAAS}.plain.PlainLoginModule required user_${PLAIN_USER.name}="${PLAIN_USER.password}";`,
  'listener.name.users.scram-sha-256.sasl.jaas.config': `${JAAS}.scram.ScramLoginModule required;`,
  'listener.name.users.scram-sha-512.sasl.jaas.config': `${JAAS}.scram.ScramLoginModule required;`,
  'delegation.token.secret.key': SECRET_KEY,
}

/** The listeners of such a broker, but for those of controllers. */
export function loginListeners(plain: number, users: number): string {
  return `PLAINTEXT://127.0.0.1:${plain},USERS://127.0.0.1:${users}`
}

export const LOGIN_PROTOCOLS = 'PLAINTEXT:PLAINTEXT,USERS:SASL_PLAINTEXT'
