import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AlterUserScramCredentials, ErrorCode } from '@odradek/protocol'
import { BrokerProcess } from '../harness/broker-process.ts'
import { freePorts } from '../harness/free-ports.ts'
import { listens } from '../harness/listens.ts'
import { saltedPassword } from '../harness/scram-login.ts'
import { until } from '../harness/until.ts'
import { WireClient } from '../harness/wire-client.ts'
import { KafkaProcess } from '../kafka-reference/kafka-process.ts'
import type { SecurityWorld } from './world.ts'

const USERS = ['alice', 'bob'] as const
const MECHANISMS = 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER'
const SASL_LISTENERS = ['sasl_plaintext', 'sasl_ssl', 'again', 'few'] as const
const START_MS_MAX = 60_000
/** How long a login counts on the listener AGAIN. */
const SESSION_MS = 4000
const SCRAM_ITERATIONS = 4096
/** The numbers of KIP-554. */
const SCRAM_MECHANISMS = [
  { number: 1, name: 'SCRAM-SHA-256' },
  { number: 2, name: 'SCRAM-SHA-512' },
] as const

export const passwordOf = (user: string): string => `${user}-secret`

export interface Target {
  /** Port of each listener. */
  readonly ports: Readonly<Record<'tls' | 'mtls' | (typeof SASL_LISTENERS)[number], number>>
  /** What it has to complain of. */
  complaints(): readonly string[]
  stop(): Promise<void>
}

/** A broker with a listener of each kind, from one server.properties for both. */
export async function startTarget(world: SecurityWorld, isKafka: boolean): Promise<Target> {
  const plain = await freePorts(8)
  const sasl = { sasl_plaintext: plain + 4, sasl_ssl: plain + 5, again: plain + 6, few: plain + 7 }
  const ports = { tls: plain + 2, mtls: plain + 3, ...sasl }
  const settings = serverProperties(world, plain, ports)
  const running = isKafka
    ? await startKafka(world, settings, plain)
    : await startOdradek(world, settings, listenersAt(plain, ports))
  try {
    // Kafka opens one listener after the other.
    for (const port of Object.values(ports)) await until(`port ${port} is open`, () => listens(port), START_MS_MAX)
    await makeScramUsers(plain)
  } catch (error) {
    await running.stop()
    throw error
  }
  return { ports, ...running }
}

type Running = Pick<Target, 'complaints' | 'stop'>

async function startOdradek(world: SecurityWorld, settings: string, listeners: string): Promise<Running> {
  const configFile = join(world.directory, 'server.properties')
  writeFileSync(configFile, settings, { mode: 0o600 })
  const broker = await BrokerProcess.start({ flags: ['--config', configFile], listeners })
  return {
    complaints: () => broker.stderr.split('\n').filter((line) => /\b(error|bug)\b/i.test(line)),
    stop: () => broker.dispose(),
  }
}

async function startKafka(world: SecurityWorld, settings: string, plain: number): Promise<Running> {
  // Since Kafka 4.0 a system property says which of these a broker may open.
  process.env['JDK_JAVA_OPTIONS'] = `-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=file://${world.keySetFile}`
  const directory = join(world.directory, 'kafka')
  const kafka = new KafkaProcess('kafka-4.4', directory, join(directory, 'data'), settings, plain)
  await kafka.start()
  delete process.env['JDK_JAVA_OPTIONS']
  return { complaints: () => [], stop: async () => void (await kafka.stop()) }
}

function listenersAt(plain: number, ports: Target['ports']): string {
  const named = Object.entries(ports).map(([name, port]) => `${name.toUpperCase()}://127.0.0.1:${port}`)
  return [`PLAINTEXT://127.0.0.1:${plain}`, ...named].join()
}

function serverProperties(world: SecurityWorld, plain: number, ports: Target['ports']): string {
  const clients = listenersAt(plain, ports)
  return `listeners=${clients},CONTROLLER://127.0.0.1:${plain + 1}
advertised.listeners=${clients}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,TLS:SSL,MTLS:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL,AGAIN:SASL_SSL,FEW:SASL_SSL
ssl.keystore.type=PEM
ssl.keystore.location=${world.brokerFile}
ssl.truststore.type=PEM
ssl.truststore.location=${world.authorityFile}
listener.name.mtls.ssl.client.auth=required
sasl.enabled.mechanisms=${MECHANISMS}
listener.name.few.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256
listener.name.again.connections.max.reauth.ms=${SESSION_MS}
sasl.oauthbearer.jwks.endpoint.url=file://${world.keySetFile}
sasl.oauthbearer.expected.issuer=${world.trusted.issuer}
sasl.oauthbearer.expected.audience=${world.trusted.audience}
sasl.oauthbearer.clock.skew.seconds=0
delegation.token.secret.key=secret
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:alice;User:CN=alice
${SASL_LISTENERS.map(loginsOf).join('')}`
}

function loginsOf(listener: string): string {
  const modules = 'org.apache.kafka.common.security'
  const prefix = `listener.name.${listener}`
  const users = USERS.map((name) => `user_${name}="${passwordOf(name)}"`).join(' ')
  return `${prefix}.plain.sasl.jaas.config=${modules}.plain.PlainLoginModule required ${users};
${prefix}.scram-sha-256.sasl.jaas.config=${modules}.scram.ScramLoginModule required;
${prefix}.scram-sha-512.sasl.jaas.config=${modules}.scram.ScramLoginModule required;
${prefix}.oauthbearer.sasl.jaas.config=${modules}.oauthbearer.OAuthBearerLoginModule required;
${prefix}.oauthbearer.sasl.server.callback.handler.class=${modules}.oauthbearer.OAuthBearerValidatorCallbackHandler
`
}

/** Over the plain listener, whose nameless user is a super user. */
async function makeScramUsers(port: number): Promise<void> {
  const client = await WireClient.open(port)
  for (const mechanism of SCRAM_MECHANISMS) {
    const upsertions = USERS.map((name) => {
      const salt = Buffer.from(`salt of ${name}`)
      const salted = saltedPassword(passwordOf(name), salt, SCRAM_ITERATIONS, mechanism.name)
      return { name, mechanism: mechanism.number, iterations: SCRAM_ITERATIONS, salt, saltedPassword: salted }
    })
    const { results } = await client.call(AlterUserScramCredentials, 0, { deletions: [], upsertions })
    const refused = results.find(({ errorCode }) => errorCode !== ErrorCode.NONE)
    if (refused !== undefined) throw new Error(`${refused.user} is not made: ${refused.errorMessage}`)
  }
  client.close()
}
