import type { Ports } from './world.ts'

/** What both brokers are started with, beyond what a Kafka of one node needs. */
export const SETTINGS: Readonly<Record<string, string>> = {
  'offsets.topic.num.partitions': '5',
  'transaction.state.log.num.partitions': '5',
  'group.initial.rebalance.delay.ms': '0',
}

const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']
/** Who log in by PLAIN; users of SCRAM are made by the scenarios. */
export const PLAIN_USER = { name: 'alice', password: 'alice-secret' }
export const OTHER_PLAIN_USER = { name: 'bob', password: 'bob-secret' }
/** What delegation tokens are made with. */
export const SECRET_KEY = 'the secret of both'

const JAAS = 'org.apache.kafka.common.security'
const CREDENTIALS = [PLAIN_USER, OTHER_PLAIN_USER].map(({ name, password }) => `user_${name}="${password}"`).join(' ')

function loginModules(listener: string): Readonly<Record<string, string>> {
  return {
    [`listener.name.${listener}.plain.sasl.jaas.config`]: `${JAAS}.plain.PlainLoginModule required ${CREDENTIALS};`,
    [`listener.name.${listener}.scram-sha-256.sasl.jaas.config`]: `${JAAS}.scram.ScramLoginModule required;`,
    [`listener.name.${listener}.scram-sha-512.sasl.jaas.config`]: `${JAAS}.scram.ScramLoginModule required;`,
  }
}

/** And what those have too on which users log in: on a listener named USERS, and on SESSIONS, where logins end. */
export const LOGIN_SETTINGS: Readonly<Record<string, string>> = {
  'sasl.enabled.mechanisms': MECHANISMS.join(),
  ...loginModules('users'),
  ...loginModules('sessions'),
  'listener.name.sessions.plain.connections.max.reauth.ms': '3600000',
  'delegation.token.secret.key': SECRET_KEY,
}

/** The listeners of such a broker, but for those of controllers. */
export function loginListeners({ plain, users, sessions }: Ports): string {
  const port = (name: string, number: number) => `${name}://127.0.0.1:${number}`
  return [port('PLAINTEXT', plain), port('USERS', users), port('SESSIONS', sessions)].join()
}

export const LOGIN_PROTOCOLS = 'PLAINTEXT:PLAINTEXT,USERS:SASL_PLAINTEXT,SESSIONS:SASL_PLAINTEXT'
