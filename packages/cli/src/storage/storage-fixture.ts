import { Readable } from 'node:stream'
import { createBroker, resolveBrokerConfig } from '@odradek/broker'
import { type Cancel, type Fs, type Logger, SystemClock, SystemPrng, silentLogger } from '@odradek/core'
import { run } from '../run.ts'

/** How long brokers and commands wait until they look for a request, or its answer, in earnest. */
const LOOK_INTERVAL_MS_MAX = 1000
const TIMES_FASTER = 50

/** Short timers run early, so that nobody waits for a backup to begin; sessions and requests have the time that they need. */
class HastyClock extends SystemClock {
  override after(delayMs: number, run: () => void): Cancel {
    return super.after(delayMs > LOOK_INTERVAL_MS_MAX ? delayMs : delayMs / TIMES_FASTER, run)
  }
}

/** The metadata log begins behind a snapshot, and there is another one after each change. */
export const SNAPSHOTS = {
  'metadata.log.max.record.bytes.between.snapshots': '1',
  'metadata.max.retention.bytes': '0',
}

/** A broker over `fs`, in this process. */
export function brokerOn(
  fs: Fs,
  topics: string,
  logger: Logger = silentLogger,
  dataDirectory = 'd',
  more: Readonly<Record<string, string>> = {},
) {
  const settings = {
    listeners: 'PLAINTEXT://localhost:0',
    'log.dirs': dataDirectory,
    'odradek.topics': topics,
    ...more,
  }
  const config = resolveBrokerConfig(new Map(Object.entries(settings)), 1024 * 1024)
  const [clock, prng] = [new HastyClock(), new SystemPrng()]
  return createBroker({ config, fs, clock, prng, logger, softwareVersion: 'test' })
}

/** `odradek storage LINE`, as the program ends. */
export async function storage(fs: Fs, line: string) {
  const output = { code: -1, stdout: '', stderr: '' }
  output.code = await run({
    argv: ['storage', ...line.split(' ')],
    environment: {},
    forgetVariable() {},
    fs,
    clock: new SystemClock(),
    prng: new SystemPrng(),
    version: '1.2.3',
    memoryBytes: 1024 ** 3,
    pause: (delayMs) => new Promise((resolve) => new HastyClock().after(delayMs, resolve)),
    absolutePath: (path) => path,
    stdin: () => Readable.from([]),
    stdout: (text) => {
      output.stdout += text
    },
    stderr: (text) => {
      output.stderr += text
    },
    onStopRequest: () => {},
    exit: () => {},
  })
  return output
}
