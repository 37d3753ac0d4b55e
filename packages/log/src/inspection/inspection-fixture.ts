import { setImmediate } from 'node:timers/promises'
import { ManualClock, SeededPrng, silentLogger } from '@odradek/core'
import { LogRun } from '../contract/log-run.ts'
import { diskLogStore } from '../disk-log-store.ts'
import { MemoryFs } from '../fs/memory-fs.ts'
import type { LogConfig } from '../log-config.ts'
import { surveyDirectory } from './directory-survey.ts'
import { inspectPartition, type PartitionReport } from './partition-inspection.ts'

/** A log on a made-up disk, whose files a test can reach. */
export class StoredLog {
  readonly clock = new ManualClock()
  readonly fs = new MemoryFs({ now: () => this.clock.wallMs() })

  open(changes: Partial<LogConfig> = {}): Promise<LogRun> {
    const { clock, fs } = this
    const settings = { fs, directory: 'data', clock, logger: silentLogger, prng: new SeededPrng(1) }
    const engine = {
      clock,
      turn: () => setImmediate(),
      store: () => diskLogStore(settings),
      isDurable: true,
      dispose: async () => {},
    }
    return LogRun.open(engine, changes)
  }

  get directory(): string {
    return 'data/666f6f62617262617a71757871757578-3'
  }

  inspect(): PartitionReport {
    const { partitions } = surveyDirectory(this.fs, 'data')
    if (partitions[0] === undefined) throw new Error('no partition')
    return inspectPartition(this.fs, partitions[0])
  }

  names(ending = ''): readonly string[] {
    return this.fs.readdirSync(this.directory).filter((name) => name.endsWith(ending))
  }

  read(name: string): Buffer {
    return Buffer.from(this.fs.readFileSync(`${this.directory}/${name}`) ?? [])
  }

  write(name: string, bytes: Uint8Array): void {
    const handle = this.fs.openSync(`${this.directory}/${name}`, 'create')
    handle.writeSync([bytes], 0)
    handle.closeSync()
  }

  /** All files with their bytes. */
  image(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.names().map((name) => [name, this.read(name).toString('base64')]))
  }
}
