import { spawn } from 'node:child_process'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { offset } from '@odradek/core'
import { BrokerProcess } from '../harness/broker-process.ts'
import { ask } from './ask.ts'
import { type LoadFigures, load } from './load.ts'
import { cpuMs, residentBytes, watchSteal } from './process-cost.ts'
import { API_VERSIONS_FRAME, batchOf, createTopicFrame, fetchFrame, produceFrame } from './requests.ts'

const WARM_UP_MS = 1500
const WINDOW_MS = 3000
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3)
/** Above this share of stolen machine time a round says nothing. */
const STEAL_MAX = 0.05
/** Above this share of one core the generator, not the broker, is what was measured. */
const GENERATOR_CPU_MAX = 0.85
const FETCH_BYTES = 1_048_576

interface Workload {
  readonly name: string
  readonly connections: number
  readonly depth: number
  readonly partitions: number
  readonly batchBytes: number
  readonly kind: 'produce' | 'fetch'
  readonly acks: number
}

const WORKLOADS: readonly Workload[] = [
  {
    name: 'produce 200 B, 100 connections x 1',
    connections: 100,
    depth: 1,
    partitions: 1,
    batchBytes: 200,
    kind: 'produce',
    acks: 1,
  },
  {
    name: 'produce 200 B, 1 x 64',
    connections: 1,
    depth: 64,
    partitions: 1,
    batchBytes: 200,
    kind: 'produce',
    acks: 1,
  },
  {
    name: 'produce 16 KB, 10 x 4, 4 partitions',
    connections: 10,
    depth: 4,
    partitions: 4,
    batchBytes: 16_384,
    kind: 'produce',
    acks: 1,
  },
  {
    name: 'produce 1 MB, 4 x 4, 4 partitions',
    connections: 4,
    depth: 4,
    partitions: 4,
    batchBytes: 1_000_000,
    kind: 'produce',
    acks: 1,
  },
  {
    name: 'produce 1 KB acks=all, 16 x 1',
    connections: 16,
    depth: 1,
    partitions: 1,
    batchBytes: 1024,
    kind: 'produce',
    acks: -1,
  },
  {
    name: 'produce 16 KB acks=all, 16 x 1',
    connections: 16,
    depth: 1,
    partitions: 1,
    batchBytes: 16_384,
    kind: 'produce',
    acks: -1,
  },
  {
    name: 'fetch of 200 B batches, 4 x 1',
    connections: 4,
    depth: 1,
    partitions: 1,
    batchBytes: 200,
    kind: 'fetch',
    acks: 1,
  },
  {
    name: 'fetch of 16 KB batches, 4 x 1',
    connections: 4,
    depth: 1,
    partitions: 4,
    batchBytes: 16_384,
    kind: 'fetch',
    acks: 1,
  },
  {
    name: 'fetch of 1 MB batches, 4 x 1',
    connections: 4,
    depth: 1,
    partitions: 4,
    batchBytes: 1_000_000,
    kind: 'fetch',
    acks: 1,
  },
]

interface Round extends LoadFigures {
  readonly brokerCpuMs: number
  readonly generatorShare: number
  readonly steal: number
  readonly residentMb: number
}

type Address = { readonly host: string; readonly port: number }

function addressOf(broker: BrokerProcess): Address {
  const [host = '', port = ''] = (broker.bootstrap[0] ?? '').split(/:(?=\d+$)/)
  return { host, port: Number(port) }
}

/** What a fetch workload reads: about 8 MB a partition. */
async function fill(address: Address, topic: string, workload: Workload): Promise<void> {
  const batch = batchOf(workload.batchBytes)
  const count = Math.min(4000, Math.ceil(8_388_608 / workload.batchBytes))
  for (let partition = 0; partition < workload.partitions; partition++)
    for (let index = 0; index < count; index++) await ask(address, produceFrame(topic, partition, batch, 1))
}

async function round(workload: Workload): Promise<Round> {
  const broker = await BrokerProcess.start()
  try {
    const address = addressOf(broker)
    const topic = 'bench'
    await ask(address, createTopicFrame(topic, workload.partitions))
    if (workload.kind === 'fetch') await fill(address, topic, workload)
    const batch = batchOf(workload.batchBytes)
    const frames = Array.from({ length: workload.partitions }, (_, partition) =>
      workload.kind === 'produce'
        ? produceFrame(topic, partition, batch, workload.acks)
        : fetchFrame(topic, partition, offset(0), FETCH_BYTES),
    )
    let begun = { broker: 0, generator: 0, steal: watchSteal() }
    const shape = {
      connections: workload.connections,
      depth: workload.depth,
      warmUpMs: WARM_UP_MS,
      windowMs: WINDOW_MS,
    }
    const figures = await load(address, frames, shape, () => {
      begun = { broker: cpuMs(broker.pid), generator: cpuMs(process.pid), steal: watchSteal() }
    })
    return {
      ...figures,
      brokerCpuMs: cpuMs(broker.pid) - begun.broker,
      generatorShare: (cpuMs(process.pid) - begun.generator) / 1000 / figures.seconds,
      steal: begun.steal(),
      residentMb: residentBytes(broker.pid) / 1e6,
    }
  } finally {
    await broker.dispose()
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

function row(workload: Workload, rounds: readonly Round[]): Record<string, string | number> {
  const fair = rounds.filter(({ steal }) => steal <= STEAL_MAX)
  if (fair.length === 0) return { workload: workload.name, 'requests/s': 'not measurable now' }
  const bytes = ({ requests, responseBytes }: Round): number =>
    workload.kind === 'produce' ? requests * workload.batchBytes : responseBytes
  const of = (figure: (round: Round) => number): number => median(fair.map(figure))
  return {
    workload: workload.name,
    'requests/s': Math.round(of((r) => r.requests / r.seconds)),
    'MB/s': Math.round(of((r) => bytes(r) / 1e6 / r.seconds)),
    'broker us/request': Number(of((r) => (r.brokerCpuMs * 1000) / r.requests).toFixed(1)),
    'p50 ms': Number(of((r) => r.p50Ms).toFixed(2)),
    'p99 ms': Number(of((r) => r.p99Ms).toFixed(2)),
    'RSS MB': Math.round(of((r) => r.residentMb)),
    rounds: `${fair.length}/${rounds.length}`,
    note: of((r) => r.generatorShare) > GENERATOR_CPU_MAX ? 'generator-bound' : '',
  }
}

/** Milliseconds from spawning the process to its first answered ApiVersions. */
async function startMs(): Promise<number> {
  const port = 20_000 + Math.floor(Math.random() * 10_000)
  const begun = performance.now()
  const data = join(process.cwd(), '.odradek', `bench-${process.pid}-${port}`)
  const child = spawn(process.execPath, ['dist/odradek.cjs', '--port', String(port), '--data-dir', data], {
    stdio: 'ignore',
    // Where it is set, Node parses a bundle of certificates at every start.
    env: { ...process.env, NODE_EXTRA_CA_CERTS: undefined },
  })
  try {
    for (;;) {
      try {
        await ask({ host: '127.0.0.1', port }, API_VERSIONS_FRAME)
        return performance.now() - begun
      } catch {
        if (performance.now() - begun > 10_000) throw new Error('the broker did not answer within 10 s')
        await new Promise((resume) => setTimeout(resume, 2))
      }
    }
  } finally {
    child.kill('SIGKILL')
  }
}

async function idleResidentMb(): Promise<number> {
  const broker = await BrokerProcess.start()
  await new Promise((resume) => setTimeout(resume, 5000))
  const bytes = residentBytes(broker.pid)
  await broker.dispose()
  return bytes / 1e6
}

/** Rounds of all workloads in turn, medians of those that the machine left alone; `wanted` is a part of their names. */
export async function nodeRounds(wanted: string): Promise<void> {
  const workloads = WORKLOADS.filter(({ name }) => name.includes(wanted))
  if (workloads.length === 0)
    throw new Error(
      `no workload has "${wanted}" in its name; there are: ${WORKLOADS.map(({ name }) => name).join(' | ')}`,
    )
  console.log(
    `${cpus().length} cores (${cpus()[0]?.model}), ${Math.round(totalmem() / 1e9)} GB, Node ${process.version}`,
  )
  if (wanted === '') {
    const starts: number[] = []
    for (let index = 0; index < 5; index++) starts.push(await startMs())
    console.log(
      `start to first answered ApiVersions: ${Math.round(median(starts))} ms (${starts.map(Math.round).join(', ')}); idle resident memory: ${Math.round(await idleResidentMb())} MB`,
    )
  }
  const rounds = new Map<Workload, Round[]>(workloads.map((workload) => [workload, []]))
  for (let index = 0; index < ROUNDS; index++) for (const [workload, done] of rounds) done.push(await round(workload))
  console.table([...rounds].map(([workload, done]) => row(workload, done)))
}
