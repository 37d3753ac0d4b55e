import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createdTopic } from '../durability/broker-calls.ts'
import { until } from '../harness/until.ts'
import { WireClient } from '../harness/wire-client.ts'
import type { BrokerUnderTest } from './broker-under-test.ts'
import { libraries } from './java-programs.ts'
import { endOf, mustContain, outputOf, ToolProcess } from './tool-process.ts'

const PARTITIONS = 5
const PROGRAM_MS_MAX = 240_000
const SMOKE_TOPICS =
  'echo data min min-suppressed min-raw max sum sws-raw sws-suppressed dif cnt avg wcnt tagg fk'.split(' ')
const EOS_TOPICS = 'data echo min sum repartition max cnt'.split(' ')
/** By Streams' numbering of what it builds. It wants three replicas for them, which one node does not have. */
const EOS_CHANGELOGS = ['03', '07', '14', '18'].map(
  (number) => `EosTest-KSTREAM-AGGREGATE-STATE-STORE-00000000${number}-changelog`,
)
const CLIENTS = 2
/** Of work before and after the kill. */
const WORK_MS = 8000

function propertiesFile(directory: string, name: string, bootstrap: string): string {
  const state = join(directory, name)
  mkdirSync(state, { recursive: true })
  const file = join(directory, `${name}.properties`)
  const lines = [`bootstrap.servers=${bootstrap}`, 'processing.guarantee=exactly_once_v2', `state.dir=${state}`]
  writeFileSync(file, [...lines, 'session.timeout.ms=6000', 'acks=all', ''].join('\n'))
  return file
}

async function withTopics(
  port: number,
  topics: readonly string[],
  configs: Record<string, string> = {},
): Promise<void> {
  const client = await WireClient.open(port)
  for (const topic of topics) await createdTopic(client, topic, PARTITIONS, configs)
  client.close()
}

const saysRunning = ({ output }: ToolProcess): boolean => output.includes('-> RUNNING')

/** StreamsSmokeTest under exactly_once_v2; its driver writes, waits and compares every result. */
export async function streamsSmoke(broker: BrokerUnderTest, directory: string): Promise<void> {
  await withTopics(broker.port, SMOKE_TOPICS)
  const classPath = libraries('streams-4.3.1')
  const program = 'org.apache.kafka.streams.tests.StreamsSmokeTest'
  const bootstrap = `127.0.0.1:${broker.port}`
  const file = (name: string): string => propertiesFile(directory, name, bootstrap)
  const start = (name: string) => new ToolProcess(classPath, [program, file(name), 'process'], PROGRAM_MS_MAX)
  const clients = [start('smoke-0'), start('smoke-1')]
  try {
    const driver = new ToolProcess(classPath, [program, file('smoke-driver'), 'run'], PROGRAM_MS_MAX)
    await until('a client runs', () => clients.some(saysRunning), PROGRAM_MS_MAX)
    await new Promise((resume) => setTimeout(resume, WORK_MS))
    clients[0]?.signal('SIGKILL')
    clients.push(start('smoke-2'))
    const code = await driver.end()
    if (code !== 0) throw new Error(`the driver ended with ${code}; it said: ${endOf(driver.output)}`)
    mustContain(driver.output, ['ALL-RECORDS-DELIVERED', 'SUCCESS'])
    if (/PROCESSED-(MORE|LESS)-THAN-GENERATED/.test(driver.output)) throw new Error(endOf(driver.output))
  } finally {
    for (const client of clients) client.signal('SIGKILL')
  }
}

/** StreamsEosTest, whose generator goes on while a client is killed; then it checks what is committed against its input. */
export async function streamsEos(broker: BrokerUnderTest, directory: string): Promise<void> {
  await withTopics(broker.port, EOS_TOPICS)
  await withTopics(broker.port, EOS_CHANGELOGS, { 'cleanup.policy': 'compact' })
  const classPath = libraries('streams-4.2.1')
  const program = 'org.apache.kafka.streams.tests.StreamsEosTest'
  const file = (name: string): string => propertiesFile(directory, name, `127.0.0.1:${broker.port}`)
  const start = (name: string, command: string) =>
    new ToolProcess(classPath, [program, file(name), command], PROGRAM_MS_MAX)
  const generator = start('eos-generator', 'run')
  const clients = Array.from({ length: CLIENTS }, (_, index) => start(`eos-${index}`, 'process-complex'))
  try {
    await until('the clients run', () => clients.every(saysRunning), PROGRAM_MS_MAX)
    await new Promise((resume) => setTimeout(resume, WORK_MS))
    clients[0]?.signal('SIGKILL')
    clients[0] = start('eos-0', 'process-complex')
    await until('its successor runs', () => clients.every(saysRunning), PROGRAM_MS_MAX)
    await new Promise((resume) => setTimeout(resume, WORK_MS))
    generator.signal('SIGTERM')
    await generator.end()
    for (const client of clients) client.signal('SIGTERM')
    for (const client of clients) await client.end()
    for (const client of clients) mustContain(client.output, ['EOS-TEST-CLIENT-CLOSED'])
    const verified = await outputOf(classPath, [program, file('eos-verify'), 'verify-complex'], PROGRAM_MS_MAX)
    mustContain(verified, ['ALL-RECORDS-DELIVERED'])
  } finally {
    for (const client of [generator, ...clients]) client.signal('SIGKILL')
  }
}
