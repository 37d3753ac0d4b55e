import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BrokerProcess } from '../harness/broker-process.ts'
import { KafkaProcess } from '../kafka-reference/kafka-process.ts'
import { endReference, startReference, stopReference } from '../kafka-reference/running-reference.ts'
import { dumpLogSegments } from './dump-log-segments.ts'
import { exchange, storage, writeLegacySegment } from './programs.ts'

let passed = 0
let failed = 0

function check(what: string, faults: readonly string[]): void {
  if (faults.length === 0) passed += 1
  else failed += 1
  console.log(`${faults.length === 0 ? 'ok  ' : 'FAIL'} ${what}`)
  for (const fault of faults.slice(0, 40)) console.log(`  ${fault.slice(0, 300)}`)
}

/** Lines that only one side has. */
function differences(before: readonly string[], after: readonly string[]): string[] {
  const has = new Set(after)
  const had = new Set(before)
  return [
    ...before.filter((line) => !has.has(line)).map((line) => `gone: ${line}`),
    ...after.filter((line) => !had.has(line)).map((line) => `new:  ${line}`),
  ]
}

/** Which topic a directory is of, from the lines of a dump. */
function topicNames(dump: readonly string[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const line of dump) {
    const [kind, name, id] = line.split(' ')
    if (kind === 'topic' && name !== undefined) names.set(Buffer.from(id ?? '', 'base64url').toString('hex'), name)
  }
  return names
}

function openBroker(dataDirectory: string, nodes = 1): Promise<BrokerProcess> {
  const flags = ['--node-id', '1', ...(nodes === 1 ? [] : ['--brokers', String(nodes)])]
  return BrokerProcess.start({ dataDirectory, flags })
}

/** Kafka's directory, here; what is said of it; more data; and back. */
async function thereAndBack(root: string): Promise<void> {
  const kafka = new KafkaProcess('kafka-4.4', join(root, 'kafka-4.4'))
  const data = join(root, 'imported-4.4')
  try {
    await kafka.start()
    await exchange('fill', kafka.bootstrap)
    const before = await exchange('dump', kafka.bootstrap)
    const refused = await storage('import', kafka.dataDirectory, data).catch((error: Error) => error.message)
    check(
      'a Kafka that runs is not imported',
      String(refused).includes('stop that Kafka first') ? [] : [String(refused)],
    )
    await kafka.stop()
    console.log((await storage('import', kafka.dataDirectory, data)).join('\n'))
    const broker = await openBroker(data)
    let after: string[] = []
    try {
      check('import of Kafka 4.4.0', differences(before, await exchange('dump', broker.bootstrap[0] ?? '')))
      await exchange('add', broker.bootstrap[0] ?? '')
      after = await exchange('dump', broker.bootstrap[0] ?? '')
    } finally {
      await broker.stop()
    }
    for (const { what, files, complaints } of await dumpLogSegments(data, topicNames(after))) {
      check(`DumpLogSegments, ${what}: ${files} files`, complaints)
    }
    const back = join(root, 'exported')
    console.log((await storage('export', data, back)).join('\n'))
    const second = new KafkaProcess('kafka-4.4', join(root, 'kafka-back'), back)
    try {
      await second.start()
      check('export to Kafka 4.4.0', differences(after, await exchange('dump', second.bootstrap)))
    } finally {
      await second.stop()
    }
  } finally {
    await kafka.kill()
  }
}

/** The last Kafka whose logs may hold formats 0 and 1; killed, not stopped. */
async function fromOldKafka(root: string): Promise<void> {
  const kafka = new KafkaProcess('kafka-3.9', join(root, 'kafka-3.9'))
  const data = join(root, 'imported-3.9')
  try {
    await kafka.start()
    await exchange('fill', kafka.bootstrap)
    await kafka.stop()
    await writeLegacySegment(join(kafka.dataDirectory, 'Plain-0'))
    await kafka.start()
    const before = await exchange('dump', kafka.bootstrap)
    await kafka.kill()
    console.log((await storage('import', kafka.dataDirectory, data)).join('\n'))
    const broker = await openBroker(data)
    try {
      check(
        'import of Kafka 3.9.2, killed, formats 0 and 1',
        differences(before, await exchange('dump', broker.bootstrap[0] ?? '')),
      )
      await exchange('add', broker.bootstrap[0] ?? '')
      check('and written on', [])
    } finally {
      await broker.stop()
    }
  } finally {
    await kafka.kill()
  }
}

const NODES = 3
const DIRECTORIES_A_NODE = 2
/** Fewer than nodes: each of them lacks some partitions. */
const COPIES = 2

/** Otherwise compaction goes on between what is told before the stop and after it. */
const OFTEN_CLEANED = 'log.cleaner.backoff.ms=500\nlog.initial.task.delay.ms=500\n'

/** All directories of a cluster become one, with one copy of each partition. */
async function fromSeveralNodes(root: string): Promise<void> {
  const data = join(root, 'imported-nodes')
  try {
    const kafka = await startReference('kafka-4.4', NODES, DIRECTORIES_A_NODE, OFTEN_CLEANED)
    const bootstrap = kafka.plain.join()
    await exchange('fill', bootstrap, COPIES)
    const before = await exchange('dump', bootstrap)
    await endReference(kafka)
    console.log((await storage('import', kafka.dataDirectories.flat().join(), data)).join('\n'))
    const broker = await openBroker(data, NODES)
    try {
      const after = await exchange('dump', broker.bootstrap[0] ?? '')
      check(
        `import of ${NODES} nodes of Kafka 4.4.0, ${DIRECTORIES_A_NODE} directories each`,
        differences(before, after),
      )
      await exchange('add', broker.bootstrap[0] ?? '')
      check('and written on', [])
    } finally {
      await broker.stop()
    }
  } finally {
    await stopReference('kafka-4.4')
  }
}

const PARTS = { 'kafka-4.4': thereAndBack, 'kafka-3.9': fromOldKafka, 'several-nodes': fromSeveralNodes }
/** Three Kafkas at once are for when they are asked for. */
const ONLY_BY_NAME = 'several-nodes'

/** `npm run exchange [kafka-4.4|kafka-3.9|several-nodes]`: data moves from a real Kafka to here and back, and is compared. */
async function main(): Promise<void> {
  const [only] = process.argv.slice(2)
  const root = mkdtempSync(join(tmpdir(), 'odradek-exchange-'))
  try {
    const parts = Object.entries(PARTS).filter(
      ([name]) => name === (only ?? name) && (only !== undefined || name !== ONLY_BY_NAME),
    )
    // Most of the time each of them waits for a JVM to start or for a Kafka to settle.
    const runs = parts.map(([name, part]) =>
      part(root).catch((error: unknown) => check(name, [error instanceof Error ? error.message : String(error)])),
    )
    await Promise.all(runs)
  } finally {
    if (process.env['EXCHANGE_KEEP'] === undefined) rmSync(root, { recursive: true, force: true })
    else console.log(`kept ${root}`)
  }
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}

void main()
