import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { freePorts } from '../harness/free-ports.ts'
import { listens } from '../harness/listens.ts'
import { until } from '../harness/until.ts'
import { KafkaProcess } from '../kafka-reference/kafka-process.ts'
import { accessCases, playMatrix } from './matrix.ts'
import { operationHolders } from './operation-holders.ts'
import { askOperations } from './operations.ts'
import { CODES_FILE, OPERATIONS_FILE, type Recording, readRecorded, writeRecorded } from './recorded.ts'
import { accessRows } from './rows.ts'
import { jaasConfig, SUPER_USER } from './users.ts'

/** Ports: plain, controller, and the one that the users of the cases log in on. */
const PORTS = 3

/** The rows against a real Kafka 4.4 with its StandardAuthorizer, and what is recorded of it: they say what it does, or they are wrong. */
async function main(isRecording: boolean): Promise<void> {
  const cases = accessCases(accessRows)
  const holders = operationHolders()
  const directory = mkdtempSync(join(tmpdir(), 'odradek-access-'))
  const plain = await freePorts(PORTS)
  const users = [...cases, ...holders].map(({ user }) => user)
  const kafka = new KafkaProcess('kafka-4.4', directory, join(directory, 'data'), settings(plain, users), plain)
  try {
    await kafka.start()
    // Kafka opens one listener after the other; the process waits for the first.
    await until('users can connect', () => listens(plain + 2))
    const operations = await askOperations(plain + 2, holders)
    const { findings, codes } = await playMatrix(plain + 2, cases)
    for (const finding of findings) console.log(finding)
    console.log(`${cases.length} cases of ${accessRows.length} requests; Kafka answers ${findings.length} otherwise`)
    if (isRecording) {
      writeRecorded(OPERATIONS_FILE, operations)
      writeRecorded(CODES_FILE, codes)
    }
    const changes = [...changesFrom(OPERATIONS_FILE, operations), ...changesFrom(CODES_FILE, codes)]
    for (const change of changes) console.log(change)
    console.log(`${changes.length} answers other than recorded`)
    process.exitCode = findings.length + changes.length === 0 ? 0 : 1
  } finally {
    await kafka.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** The parts of a recording that Kafka answers otherwise now. */
function changesFrom(file: string, now: Recording): readonly string[] {
  const recorded = readRecorded(file)
  const parts = new Set([...Object.keys(recorded), ...Object.keys(now)])
  return [...parts]
    .filter((part) => !isDeepStrictEqual(recorded[part], now[part]))
    .map((part) => `${file}, ${part}: ${JSON.stringify(now[part])}`)
}

function settings(plain: number, users: readonly string[]): string {
  const clients = `PLAINTEXT://127.0.0.1:${plain},USERS://127.0.0.1:${plain + 2}`
  return `listeners=${clients},CONTROLLER://127.0.0.1:${plain + 1}
advertised.listeners=${clients}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,USERS:SASL_PLAINTEXT
sasl.enabled.mechanisms=PLAIN
delegation.token.secret.key=secret
listener.name.users.plain.sasl.jaas.config=${jaasConfig(users)}
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:${SUPER_USER}
`
}

main(process.argv.includes('record')).catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
