import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BrokerProcess } from '../harness/broker-process.ts'
import { KafkaProcess } from '../kafka-reference/kafka-process.ts'

const HERE = join(process.cwd(), 'integration/admin-clients')
const EXPECTED = join(HERE, 'expected.json')
const NAMES = ['kcat', 'kafkajs', 'confluent-kafka', 'sarama', 'java', 'kaskade']
/** The first run of a client may fetch its libraries and compile. */
const CLIENT_MS_MAX = 300_000
/** Nobody logs in, and ACLs can be changed all the same. */
const OPEN_TO_ALL = { flags: ['--acls'], environment: { KAFKA_SUPER_USERS: 'User:ANONYMOUS' } }
const KAFKA_OPEN_TO_ALL = `authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
`

type Expected = Record<string, readonly string[]>

function expectedLines(): Expected {
  const parsed: unknown = JSON.parse(readFileSync(EXPECTED, 'utf8'))
  if (typeof parsed !== 'object' || parsed === null) throw new Error('expected.json is no object')
  return Object.fromEntries(
    Object.entries(parsed).map(([name, lines]) => [name, Array.isArray(lines) ? lines.map(String) : []]),
  )
}

function linesOf(name: string, bootstrap: string): { readonly lines: readonly string[]; readonly errors: string } {
  const ran = spawnSync(join(HERE, name, 'run'), [bootstrap], { encoding: 'utf8', timeout: CLIENT_MS_MAX })
  const errors = `${ran.stderr}${ran.error?.message ?? ''}${ran.status === 0 ? '' : `exit ${ran.status}`}`
  return { lines: ran.stdout.split('\n').filter((line) => line !== ''), errors }
}

async function record(names: readonly string[]): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'odradek-admin-'))
  const kafka = new KafkaProcess('kafka-4.4', directory, undefined, KAFKA_OPEN_TO_ALL)
  await kafka.start()
  try {
    const expected = expectedLines()
    for (const name of names) {
      const { lines, errors } = linesOf(name, kafka.bootstrap)
      if (/exit \S+$/.test(errors)) throw new Error(`${name}: ${errors}`)
      expected[name] = lines
    }
    writeFileSync(EXPECTED, `${JSON.stringify(expected, null, 2)}\n`)
  } finally {
    await kafka.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Prints what is not as with a real Kafka; true when all is. */
function check(name: string, expected: readonly string[], bootstrap: string): boolean {
  const { lines, errors } = linesOf(name, bootstrap)
  const isRight = expected.length > 0 && lines.join('\n') === expected.join('\n')
  console.log(`${isRight ? 'ok  ' : 'FAIL'} ${name}, ${lines.length} lines`)
  if (isRight) return true
  for (const line of expected) if (!lines.includes(line)) console.log(`  Kafka:   ${line}`)
  for (const line of lines) if (!expected.includes(line)) console.log(`  odradek: ${line}`)
  console.log(errors.slice(-2000))
  return false
}

/** `npm run admin-clients [-- --record] [NAME…]`: each admin function of each client, with the result that it has with a real Kafka. */
async function main(): Promise<void> {
  const named = process.argv.slice(2).filter((word) => word !== '--record')
  const unknown = named.find((name) => !NAMES.includes(name))
  if (unknown !== undefined) throw new Error(`there is no ${unknown}; there are: ${NAMES.join(', ')}`)
  const names = named.length > 0 ? named : NAMES
  if (process.argv.includes('--record')) return record(names)
  const expected = expectedLines()
  const broker = await BrokerProcess.start(OPEN_TO_ALL)
  let passed = 0
  try {
    for (const name of names) if (check(name, expected[name] ?? [], broker.bootstrap[0] ?? '')) passed += 1
  } finally {
    await broker.dispose()
  }
  // Nothing that they do is a bug of ours.
  const complaints = broker.stderr.split('\n').filter((line) => /error|bug|warn/i.test(line))
  for (const line of complaints) console.log(`  odradek says: ${line}`)
  console.log(`${passed} passed, ${names.length - passed} failed`)
  process.exitCode = passed === names.length && complaints.length === 0 ? 0 : 1
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
