import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '../harness/free-ports.ts'
import { KafkaProcess } from '../kafka-reference/kafka-process.ts'
import { type AccessCase, accessCases, jaasConfig, playMatrix, SUPER_USER } from './matrix.ts'
import { accessRows } from './rows.ts'

/** Ports: plain, controller, and the one that the users of the cases log in on. */
const PORTS = 3

/** The rows against a real Kafka 4.4 with its StandardAuthorizer: they say what it does, or they are wrong. */
async function main(): Promise<void> {
  const cases = accessCases(accessRows)
  const directory = mkdtempSync(join(tmpdir(), 'odradek-access-'))
  const plain = await freePorts(PORTS)
  const kafka = new KafkaProcess('kafka-4.4', directory, join(directory, 'data'), settings(plain, cases), plain)
  try {
    await kafka.start()
    const findings = await playMatrix(plain + 2, cases)
    for (const finding of findings) console.log(finding)
    console.log(`${cases.length} cases of ${accessRows.length} requests; Kafka answers ${findings.length} otherwise`)
    process.exitCode = findings.length === 0 ? 0 : 1
  } finally {
    await kafka.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

function settings(plain: number, cases: readonly AccessCase[]): string {
  const clients = `PLAINTEXT://127.0.0.1:${plain},USERS://127.0.0.1:${plain + 2}`
  return `listeners=${clients},CONTROLLER://127.0.0.1:${plain + 1}
advertised.listeners=${clients}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,USERS:SASL_PLAINTEXT
sasl.enabled.mechanisms=PLAIN
delegation.token.secret.key=secret
listener.name.users.plain.sasl.jaas.config=${jaasConfig(cases)}
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:${SUPER_USER}
`
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
