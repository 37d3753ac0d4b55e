import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts } from '../harness/free-ports.ts'
import { listens } from '../harness/listens.ts'
import { until } from '../harness/until.ts'
import { makeCertificates } from './certificates.ts'
import { type KafkaRelease, LOGGING_FLAGS, libraries } from './libraries.ts'
import {
  PASSWORD,
  PORTS_A_NODE,
  portsFrom,
  type ReferenceNode,
  referenceSettings,
  SCRAM_MECHANISMS,
  USER,
} from './reference-settings.ts'

const START_MS_MAX = 120_000
const STOP_MS_MAX = 60_000
/** Kafka's own settings are for machines that have nothing else to do. */
const JAVA_FLAGS = ['-Xmx400m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', ...LOGGING_FLAGS]

export type ReferenceRelease = Extract<KafkaRelease, 'kafka-4.4' | 'kafka-3.9'>

/** What is kept of a reference that runs on after the command that has started it. */
export interface RunningReference {
  readonly release: ReferenceRelease
  readonly pids: readonly number[]
  readonly plain: readonly string[]
  readonly sasl: readonly string[]
  readonly tls: readonly string[]
  readonly authority: string
  /** Of each node. */
  readonly dataDirectories: readonly (readonly string[])[]
}

const directoryOf = (release: ReferenceRelease): string =>
  join(process.cwd(), 'integration/kafka-reference/target/running', release)
const stateOf = (release: ReferenceRelease): string => join(directoryOf(release), 'running.json')

/** Null when it does not run. */
export function runningReference(release: ReferenceRelease): RunningReference | null {
  const path = stateOf(release)
  if (!existsSync(path)) return null
  const state: unknown = JSON.parse(readFileSync(path, 'utf8'))
  if (!isRunning(state)) throw new Error(`${path} cannot be read: end Kafka by hand and delete it`)
  return state
}

/**
 * Starts `count` nodes that go on when this process ends, each with as many data directories as wanted.
 * @throws Error when one does not come up
 */
export async function startReference(
  release: ReferenceRelease,
  count: number,
  directoriesANode = 1,
  settingsAdded = '',
): Promise<RunningReference> {
  const directory = directoryOf(release)
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  const certificates = makeCertificates(join(directory, 'certificates'))
  const firstPort = await freePorts(PORTS_A_NODE * count)
  const nodes = Array.from(
    { length: count },
    (_, index): ReferenceNode => ({
      id: index + 1,
      ports: portsFrom(firstPort + index * PORTS_A_NODE),
      dataDirectories: Array.from({ length: directoriesANode }, (_, which) =>
        join(directory, `data-${index + 1}${which === 0 ? '' : `-${which + 1}`}`),
      ),
    }),
  )
  const java = ['-cp', libraries(release), ...JAVA_FLAGS]
  const tool = (...args: readonly string[]): string =>
    execFileSync('java', [...java, 'kafka.tools.StorageTool', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  const clusterId = tool('random-uuid').trim().split('\n').at(-1) ?? ''
  const users = SCRAM_MECHANISMS.flatMap((name) => ['--add-scram', `${name}=[name=${USER},password=${PASSWORD}]`])
  const pids = nodes.map((node) => {
    const properties = join(directory, `server-${node.id}.properties`)
    writeFileSync(properties, referenceSettings(node, nodes, certificates) + settingsAdded)
    tool('format', '-t', clusterId, '-c', properties, ...users)
    const log = openSync(join(directory, `node-${node.id}.log`), 'a')
    const child = spawn('java', [...java, 'kafka.Kafka', properties], { detached: true, stdio: ['ignore', log, log] })
    child.unref()
    return child.pid ?? 0
  })
  const addresses = (port: (node: ReferenceNode) => number): string[] => nodes.map((node) => `127.0.0.1:${port(node)}`)
  const running: RunningReference = {
    ...{ release, pids, authority: certificates.authority },
    plain: addresses(({ ports }) => ports.plain),
    sasl: addresses(({ ports }) => ports.sasl),
    tls: addresses(({ ports }) => ports.tls),
    dataDirectories: nodes.map(({ dataDirectories }) => dataDirectories),
  }
  writeFileSync(stateOf(release), JSON.stringify(running))
  for (const { id, ports } of nodes)
    await until(`node ${id} listens (its log is ${directory}/node-${id}.log)`, () => listens(ports.plain), START_MS_MAX)
  return running
}

/**
 * Ends all nodes at once, and their data with them: several that end in good order wait long for a controller that some
 * of them have been.
 */
export function killReference({ release, pids }: RunningReference): void {
  for (const pid of pids) end(pid, 'SIGKILL')
  rmSync(directoryOf(release), { recursive: true, force: true })
}

/** False when it did not run. Its data go with it. */
export async function stopReference(release: ReferenceRelease): Promise<boolean> {
  const running = runningReference(release)
  if (running === null) return false
  try {
    await endReference(running)
  } finally {
    rmSync(directoryOf(release), { recursive: true, force: true })
  }
  return true
}

/** One of its nodes ends in good order: what it led others have before it is gone. */
export async function endNode({ pids }: RunningReference, id: number): Promise<void> {
  const pid = pids[id - 1]
  if (pid === undefined) throw new Error(`there is no node ${id}`)
  end(pid, 'SIGTERM')
  await until(`node ${id} has ended`, () => !isKafka(pid), STOP_MS_MAX)
}

/** Its data stay, until `stopReference`. */
export async function endReference(running: RunningReference): Promise<void> {
  for (const pid of running.pids) end(pid, 'SIGTERM')
  try {
    await until('Kafka has ended', () => running.pids.every((pid) => !isKafka(pid)), STOP_MS_MAX)
  } finally {
    for (const pid of running.pids) end(pid, 'SIGKILL')
  }
}

/** The number may be another process's by now. */
function isKafka(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('kafka.Kafka')
  } catch {
    return false
  }
}

function end(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (isKafka(pid)) process.kill(pid, signal)
}

function isRunning(state: unknown): state is RunningReference {
  return typeof state === 'object' && state !== null && 'pids' in state && Array.isArray(state.pids)
}
