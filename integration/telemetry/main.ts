import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { brokerOwnFamilies } from '@odradek/broker'
import { libraries as clientLibraries } from '../exactly-once/java-programs.ts'
import { outputOf } from '../exactly-once/tool-process.ts'
import { BrokerProcess } from '../harness/broker-process.ts'
import { freePorts } from '../harness/free-ports.ts'
import { until } from '../harness/until.ts'
import { LOGGING_FLAGS, libraries } from '../kafka-reference/libraries.ts'
import { type ParsedFamily, parsed } from './exposition.ts'

const PROGRAM = join(process.cwd(), 'integration/telemetry/Telemetry.java')
const TOOL = 'org.apache.kafka.tools.ClientMetricsCommand'
const PUSHED_MS_MAX = 60_000
const SUBSCRIPTION = 'everything'

/** What the Java client 4.4.0 pushes of its own when it is asked for all. */
const EXPECTED_OF_PRODUCER = [
  'kafka_client_producer_connection_creation_total',
  'kafka_client_producer_node_request_latency_avg',
  'kafka_client_producer_record_queue_time_avg',
]
const EXPECTED_OF_CONSUMER = [
  'kafka_client_consumer_connection_creation_total',
  'kafka_client_consumer_coordinator_rebalance_latency_total',
]

type Format = 'openmetrics' | 'prometheus'
const ACCEPT = { openmetrics: 'application/openmetrics-text; version=1.0.0', prometheus: 'text/plain' } as const

async function scrape(port: number, format: Format): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { accept: ACCEPT[format] } })
  if (response.status !== 200) throw new Error(`/metrics answers ${response.status}: ${await response.text()}`)
  return response.text()
}

/** Names and types are those of the list; counters have their _total in neither format's family. */
function checkOwn(families: readonly ParsedFamily[], format: Format): void {
  const byName = new Map(families.map((family) => [family.name, family]))
  for (const { name, type, help } of brokerOwnFamilies) {
    const family = byName.get(name.replace(/_total$/, ''))
    // Nobody was throttled, no directory is configured twice: what has no values is not written.
    if (family === undefined) continue
    if (family.type !== type || family.help !== help)
      throw new Error(`${format}: ${name} is a ${family.type} about "${family.help}", not a ${type} about "${help}"`)
  }
  for (const name of ['kafka_network_requestmetrics_totaltimems', 'kafka_consumergroup_lag', 'kafka_log_log_size'])
    if (!byName.has(name)) throw new Error(`${format}: no ${name}`)
  for (const { name, type, samples } of families) if (type === 'histogram') checkHistogram(name, samples)
}

/** Cumulative, with the count of all in the last bucket. */
function checkHistogram(name: string, samples: ParsedFamily['samples']): void {
  const counts = new Map<string, { buckets: number[]; count: number }>()
  for (const [sample, { le: _, ...labels }, value] of samples) {
    const key = JSON.stringify(labels)
    const one = counts.get(key) ?? { buckets: [], count: -1 }
    counts.set(key, one)
    if (sample.endsWith('_bucket')) one.buckets.push(value)
    if (sample.endsWith('_count')) one.count = value
  }
  for (const [key, { buckets, count }] of counts) {
    const isCumulative = buckets.every((value, index) => value >= (buckets[index - 1] ?? 0))
    if (!isCumulative || buckets.at(-1) !== count) throw new Error(`${name}${key}: buckets ${buckets} of ${count}`)
  }
}

function hasValueOf(families: readonly ParsedFamily[], name: string, clientInstanceId: string): boolean {
  const family = families.find((one) => one.name === name.replace(/_total$/, ''))
  return family?.samples.some(([, labels]) => labels['client_instance_id'] === clientInstanceId) ?? false
}

function javaClients(bootstrap: string): { readonly child: ChildProcess; readonly output: () => string } {
  const classPath = clientLibraries('clients-4.4.0')
  const flags = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', ...LOGGING_FLAGS]
  const child = spawn('java', ['-cp', classPath, ...flags, PROGRAM, bootstrap], { stdio: 'pipe' })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk
    })
  return { child, output: () => output }
}

const idIn = (output: string, kind: string): string => new RegExp(`^${kind} (\\S+)$`, 'm').exec(output)?.[1] ?? ''

async function clientsPush(broker: BrokerProcess, httpPort: number): Promise<void> {
  const { child, output } = javaClients(broker.bootstrap[0] ?? '')
  try {
    await until('the Java clients know their ids', () => idIn(output(), 'consumer') !== '', PUSHED_MS_MAX).catch(
      (error: unknown) => {
        throw new Error(`${error}; the Java program said: ${output()}`)
      },
    )
    const [producer, consumer] = [idIn(output(), 'producer'), idIn(output(), 'consumer')]
    let missing: readonly string[] = []
    await until(
      'all metrics of the Java clients are there',
      async () => {
        const families = parsed(await scrape(httpPort, 'prometheus'), 'prometheus')
        missing = [
          ...EXPECTED_OF_PRODUCER.filter((name) => !hasValueOf(families, name, producer)),
          ...EXPECTED_OF_CONSUMER.filter((name) => !hasValueOf(families, name, consumer)),
        ]
        return missing.length === 0
      },
      PUSHED_MS_MAX,
    ).catch((error: unknown) => {
      throw new Error(`${error}: ${missing.join(', ')} of ${producer} and ${consumer}`)
    })
    for (const format of ['openmetrics', 'prometheus'] as const) {
      const families = parsed(await scrape(httpPort, format), format)
      checkOwn(families, format)
      const pushed = families.filter(({ name }) => name.startsWith('kafka_client_'))
      console.log(
        `${format}: ${families.length} families are read, ${pushed.length} of them pushed by the Java clients`,
      )
    }
    child.stdin?.end('\n')
    await until('the Java clients are closed', () => child.exitCode !== null, PUSHED_MS_MAX)
    if (!output().includes('closed')) throw new Error(`the Java clients ended badly: ${output()}`)
  } finally {
    child.kill('SIGKILL')
  }
}

async function main(): Promise<void> {
  const httpPort = await freePorts(1)
  const broker = await BrokerProcess.start({ flags: ['--http-port', String(httpPort)] })
  try {
    const tools = libraries('kafka-tools')
    const tool = (...more: string[]) =>
      outputOf(tools, [TOOL, '--bootstrap-server', broker.bootstrap[0] ?? '', ...more])
    await tool('--alter', '--name', SUBSCRIPTION, '--metrics', '*', '--interval', '1000')
    const listed = await tool('--list')
    if (!listed.split('\n').includes(SUBSCRIPTION)) throw new Error(`--list names no ${SUBSCRIPTION}: ${listed}`)
    await clientsPush(broker, httpPort)
    if (/error|bug/i.test(broker.stderr)) throw new Error(`the broker said: ${broker.stderr}`)
    console.log('telemetry: passed')
  } finally {
    await broker.dispose()
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
