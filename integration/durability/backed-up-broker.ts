import { type Broker, backupRequests, createBroker, resolveBrokerConfig } from '@odradek/broker'
import { type Cancel, SystemClock, SystemPrng, silentLogger } from '@odradek/core'
import { DiskFs, restoreBackup } from '@odradek/log'
import { until } from '../harness/until.ts'

// A broker in this process, and backups of it.

const RATE = 3_000_000
const fs = new DiskFs()

/** Looks for requests a hundred times as often. */
class HastyClock extends SystemClock {
  override after(delayMs: number, run: () => void): Cancel {
    return super.after(delayMs === 1000 ? 10 : delayMs, run)
  }
}

interface Opened {
  readonly broker: Broker
  readonly port: number
}

export async function opened(directory: string, more: Readonly<Record<string, string>> = {}): Promise<Opened> {
  const settings = {
    ...{ listeners: 'PLAINTEXT://localhost:0', 'log.dirs': directory, 'odradek.flush': 'os' },
    ...{ 'offsets.topic.num.partitions': '1', ...more },
  }
  const config = resolveBrokerConfig(new Map(Object.entries(settings)), 1024 ** 3)
  const [clock, prng] = [new HastyClock(), new SystemPrng()]
  const broker = createBroker({ config, fs, clock, prng, logger: silentLogger, softwareVersion: 'test' })
  const { nodes } = await broker.start()
  return { broker, port: nodes[0]?.listeners[0]?.advertisedPort ?? 0 }
}

export async function backedUp(directory: string, target: string): Promise<void> {
  backupRequests.ask(fs, directory, { id: 'one', target, bytesPerSecondMax: RATE })
  await until('the backup is there', () => {
    const answer = backupRequests.takeAnswer(fs, directory, 'one')
    if (answer?.ok === false) throw new Error(answer.message)
    return answer !== null
  })
}

export async function restore(backup: string, target: string): Promise<void> {
  fs.mkdirSync(target)
  await restoreBackup({
    ...{ fs, backup, directories: [target], identityFile: 'meta.properties', clock: new SystemClock() },
  })
}
