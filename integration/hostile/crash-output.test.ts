import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { TestAuthority } from '@odradek/broker/certificates-fixture'
import { CreateTopics } from '@odradek/protocol'
import { BrokerProcess } from '../harness/broker-process.ts'
import { freePorts } from '../harness/free-ports.ts'
import { WireClient } from '../harness/wire-client.ts'

// What a broker leaves behind when it ends badly has none of the secrets that it was started with.

const CRASH = resolve(process.cwd(), 'integration/hostile/crash.cjs')
const SECRETS = {
  plain: 'canary-plain-password',
  store: 'canary-store-password',
  scram: 'canary-scram-password',
  tokens: 'canary-token-secret',
}

const directory = mkdtempSync(join(tmpdir(), 'odradek-crash-'))
afterAll(() => rmSync(directory, { recursive: true }))

const authority = new TestAuthority()
afterAll(() => authority.dispose())
const keyStore = authority.pkcs12(authority.issue('/CN=localhost'), SECRETS.store)

async function crashed(
  how: 'throw' | 'reject' | 'disk',
): Promise<{ code: number | null; left: string; report: string }> {
  const reports = mkdtempSync(join(directory, 'reports-'))
  const crashFile = join(reports, 'how')
  writeFileSync(crashFile, how)
  const port = await freePorts(2)
  const jaas = `org.apache.kafka.common.security.plain.PlainLoginModule required user_a="${SECRETS.plain}";`
  const broker = await BrokerProcess.start({
    listeners: `PLAINTEXT://127.0.0.1:${port},SASL_SSL://127.0.0.1:${port + 1}`,
    environment: {
      NODE_OPTIONS: `--require ${CRASH} --report-uncaught-exception --report-directory=${reports}`,
      ODRADEK_CRASH_FILE: crashFile,
      KAFKA_SASL_ENABLED_MECHANISMS: 'PLAIN,SCRAM-SHA-256',
      KAFKA_LISTENER_NAME_SASL__SSL_PLAIN_SASL_JAAS_CONFIG: jaas,
      KAFKA_SSL_KEYSTORE_TYPE: 'PKCS12',
      KAFKA_SSL_KEYSTORE_LOCATION: keyStore,
      KAFKA_SSL_KEYSTORE_PASSWORD: SECRETS.store,
      KAFKA_DELEGATION_TOKEN_SECRET_KEY: SECRETS.tokens,
      ODRADEK_SCRAM_USERS: `b:${SECRETS.scram}`,
    },
  })
  try {
    process.kill(broker.pid, 'SIGUSR2')
    if (how === 'disk') await changeMetadata(port)
    const code = await broker.ended()
    const files = readdirSync(reports).filter((name) => name.startsWith('report'))
    const report = files.map((name) => readFileSync(join(reports, name), 'utf8')).join('')
    return { code, left: broker.stderr + report, report }
  } finally {
    await broker.dispose()
  }
}

/** Whatever is answered: the broker ends. */
async function changeMetadata(port: number): Promise<void> {
  const client = await WireClient.open(port)
  const topics = [{ name: 't', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }]
  await client.call(CreateTopics, 4, { topics, timeoutMs: 1000, validateOnly: false }).catch(() => {})
  client.close()
}

test.each([
  ['throw', 'planted: an assertion does not hold', true],
  ['reject', 'planted: nobody caught this', true],
  ['disk', 'the metadata log failed', false],
] as const)(
  '%s',
  async (how, said, hasReport) => {
    const { code, left, report } = await crashed(how)
    expect(code).not.toBe(0)
    expect(left).toContain(said)
    // Otherwise the report would not be the one that has the variables of the process.
    expect(report.includes('KAFKA_SSL_KEYSTORE_LOCATION')).toBe(hasReport)
    expect(Object.values(SECRETS).filter((secret) => left.includes(secret))).toEqual([])
  },
  60_000,
)
