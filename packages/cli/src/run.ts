import {
  type Broker,
  createBroker,
  isSecretKey,
  ListenerConfigError,
  type ResolvedBrokerConfig,
  resolveBrokerConfig,
  StartError,
  type StartedBroker,
  secretFilesOf,
} from '@odradek/broker'
import { AssertionError, type Logger } from '@odradek/core'
import { type BannerFacts, banner, hostPort } from './banner.ts'
import { firstListener } from './first-listener.ts'
import type { Host } from './host.ts'
import { LineLogger } from './line-logger.ts'
import { switchNode } from './node-command.ts'
import { probe } from './probe.ts'
import { parseCommandLine } from './settings/flags.ts'
import { gatherSettings } from './settings/gather.ts'
import type { Options, Settings } from './settings/options.ts'
import { UsageError } from './usage-error.ts'

const EXIT_USAGE = 2
const EXIT_FAILURE = 1
/** What a shell gives for a process ended by SIGINT. */
const EXIT_FORCED = 130

/** Under npm one Ctrl-C comes twice: from the terminal, and passed on by npm, which got it too. */
const ECHO_MS = 500

/** Given to the rest of the broker once its metadata log has failed. */
const FAILED_STOP_MS_MAX = 3000

const PROBE_TIMEOUT_MS = 4000
const KEYS_A_LINE = 8

/** The whole program. Resolves with the exit code; a failure is one line on stderr. */
export async function run(host: Host): Promise<number> {
  try {
    const line = parseCommandLine(host.argv, host.version)
    if (line.command === 'print') {
      host.stdout(line.text)
      return 0
    }
    if (line.command === 'task') return await line.task(host)
    const settings = gather(host, line.options)
    const config = resolve(host, settings)
    if (line.command === 'node') return await switchNode(host, config, line.action, line.id)
    return line.command === 'start' ? await serve(host, config, settings) : await healthcheck(host, config)
  } catch (error) {
    host.stderr(`odradek: ${isOurBug(error) ? error.stack : messageOf(error)}\n`)
    return isUsageError(error) ? EXIT_USAGE : EXIT_FAILURE
  }
}

/** Nobody can put these right by another setting: whoever reports one needs to know where it came from. */
function isOurBug(error: unknown): error is Error {
  return error instanceof AssertionError || error instanceof TypeError || error instanceof RangeError
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.replaceAll(/\s*\n\s*/g, ' ')
}

function isUsageError(error: unknown): boolean {
  return error instanceof UsageError || error instanceof StartError || error instanceof ListenerConfigError
}

function gather({ environment, fs }: Host, flags: Options): Settings {
  return gatherSettings({ flags, environment, readFile: (path) => fs.readFileSync(path) })
}

/** @throws UsageError when a value is not one that its key takes. */
function resolve(host: Host, settings: Settings): ResolvedBrokerConfig {
  const values = new Map(Array.from(settings, ([key, { value }]) => [key, value]))
  const config = resolveBrokerConfig(values, Math.floor(host.memoryBytes / 4))
  if (config.problems.length > 0) {
    throw new UsageError(config.problems.map((problem) => withOrigin(problem, settings)).join('; '))
  }
  return config
}

/** The problem, and who set the key that it is about. */
function withOrigin(problem: string, settings: Settings): string {
  const about = [...settings].find(([key]) => problem.includes(key))
  return about === undefined ? problem : `${about[1].origin}: ${problem}`
}

async function serve(host: Host, config: ResolvedBrokerConfig, settings: Settings): Promise<number> {
  const { clock, prng, fs, version } = host
  const lines = new LineLogger({ clock, level: 'debug', write: (line) => host.stderr(line) })
  const broker = createBroker({ config, fs, clock, prng, logger: lines, softwareVersion: version })
  const { logger } = broker
  const stopAsked = stopRequest(host)
  const secrets = Array.from(settings).filter(([key]) => isSecretKey(key))
  const secretFiles = secretFilesOf(config, fs, logger)
  for (const origin of new Set(secrets.map(([, setting]) => setting.origin))) {
    if (origin in host.environment) host.forgetVariable(origin)
    else secretFiles.check(origin)
  }
  nameKeys(logger, 'these keys are not known and have no effect', config.unknown)
  nameKeys(logger, 'these keys of Kafka have no effect here', config.ignored)
  const started = await Promise.race([broker.start(), stopAsked])
  if (started !== undefined) {
    nameKeys(logger, 'listeners of controllers are not opened: there is no controller to connect to', started.notOpened)
    host.stderr(banner(bannerFacts(host, config, started)))
    host.stdout(`ready ${readyAddresses(started)}\n`)
  }
  const failure = started === undefined ? undefined : await Promise.race([stopAsked, broker.failed])
  if (failure !== undefined) return endFailed(host, broker, failure)
  logger.info('stopping')
  await broker.stop()
  logger.info('stopped')
  return 0
}

/** Other partitions are closed if that goes quickly: a device that has failed may never answer again. */
async function endFailed(host: Host, broker: Broker, failure: string): Promise<number> {
  host.stderr(`odradek: ${messageOf(failure)}\n`)
  const tooLong = new Promise<void>((resolve) => void host.clock.after(FAILED_STOP_MS_MAX, resolve))
  await Promise.race([broker.stop(), tooLong])
  return EXIT_FAILURE
}

/** Resolves at the first request to stop; a later one ends the process on the spot. */
function stopRequest(host: Host): Promise<void> {
  return new Promise((resolve) => {
    let firstMs: number | null = null
    host.onStopRequest(() => {
      const nowMs = host.clock.monotonicMs()
      if (firstMs !== null && nowMs - firstMs >= ECHO_MS) host.exit(EXIT_FORCED)
      firstMs ??= nowMs
      resolve()
    })
  })
}

/** Some keys a line, so that none is cut off. */
function nameKeys(logger: Logger, message: string, keys: readonly string[]): void {
  for (let start = 0; start < keys.length; start += KEYS_A_LINE) {
    logger.warn(message, { keys: keys.slice(start, start + KEYS_A_LINE).join(',') })
  }
}

function bannerFacts(host: Host, config: ResolvedBrokerConfig, started: StartedBroker): BannerFacts {
  return {
    version: host.version,
    clusterId: started.clusterId,
    nodes: started.nodes.map(({ id, listeners }) => ({
      id,
      listeners: listeners.map(({ name, advertisedHost, advertisedPort, securityProtocol, loginBy }) => ({
        name,
        host: advertisedHost,
        port: advertisedPort,
        isEncrypted: securityProtocol.endsWith('SSL'),
        loginBy,
      })),
    })),
    dataDirectories: started.dataDirectories?.map((path) => host.absolutePath(path)) ?? null,
    memoryBytes: Number(config.text('odradek.memory.log.bytes') ?? config.memoryLogBytesDefault),
    flush: config.text('odradek.flush') === 'os' ? 'os' : 'device',
    http: started.http,
    openToOthers: started.nodes.some(({ listeners }) =>
      listeners.some(({ host, loginBy }) => loginBy === null && !isLoopback(host)),
    ),
  }
}

const isLoopback = (host: string): boolean => host === '::1' || host === 'localhost' || host.startsWith('127.')

/** Of each node the listener that stands first: what a client on this machine is given as bootstrap. */
function readyAddresses({ nodes }: StartedBroker): string {
  return nodes
    .flatMap(({ listeners }) => listeners.slice(0, 1))
    .map(({ advertisedHost, advertisedPort }) => hostPort(advertisedHost, advertisedPort))
    .join()
}

async function healthcheck(host: Host, config: ResolvedBrokerConfig): Promise<number> {
  const address = firstListener(
    config.text('listeners') ?? '',
    config.text('controller.listener.names') ?? '',
    config.text('listener.security.protocol.map') ?? '',
  )
  const fault = await probe(address, PROBE_TIMEOUT_MS)
  if (fault === null) return 0
  host.stderr(`odradek: ${hostPort(address.host, address.port)}: ${fault}\n`)
  return EXIT_FAILURE
}
