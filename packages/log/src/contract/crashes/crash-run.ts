import { setImmediate } from 'node:timers/promises'
import { type Later, leaderEpoch, ManualClock, type Offset, offset, SeededPrng, silentLogger } from '@odradek/core'
import { type RecordToWrite, readBatchHeader } from '@odradek/records'
import { diskLogStore } from '../../disk-log-store.ts'
import { defaultLogConfig, type LogConfig } from '../../log-config.ts'
import { defaultMaintenanceSettings } from '../../maintenance-settings.ts'
import type { AppendResult, Durability, LogStore, PartitionIdentity, PartitionLog } from '../../partition-log.ts'
import { SimFs } from '../sim/sim-fs.ts'
import { type CrashScript, type Life, PARTITIONS, type Step } from './crash-script.ts'
import { type Entry, PartitionModel } from './partition-model.ts'
import { checkRecovered, readAll } from './recovery-checks.ts'

const TURNS_MAX = 3000
/** Until everything that was asked of a full disk has been answered. */
const FILLED_TURNS = 30
/** After the end of a process: what it still had under way comes to nothing. */
const LAST_TURNS = 20
const MAINTENANCE = {
  ...{ initialDelayMs: 500, retentionCheckIntervalMs: 1000, cleanerBackoffMs: 1000, dedupeBufferBytes: 10_000 },
}
const CONFIG: LogConfig = {
  ...defaultLogConfig,
  ...{ segmentBytes: 2500, indexIntervalBytes: 300, retentionMs: -1, fileDeleteDelayMs: 1000 },
}
const CONFIGS: Readonly<Record<(typeof PARTITIONS)[number], Partial<LogConfig>>> = {
  acknowledged: {},
  mixed: { segmentBytes: 18_000, flushMessages: 7 },
  bounded: { retentionBytes: 6000, flushMs: 700, fileDeleteDelayMs: 0 },
  compacted: { cleanupDelete: false, cleanupCompact: true, minCleanableDirtyRatio: 0.01, deleteRetentionMs: 2000 },
}

export interface CrashOptions {
  /** Breaks the file system of each process, to see that it is noticed. */
  readonly plant?: (fs: SimFs) => void
  /** What the logs are opened with, although their owner thinks otherwise. */
  readonly config?: Partial<LogConfig>
}

interface Partition {
  readonly kind: (typeof PARTITIONS)[number]
  identity: PartitionIdentity
  config: LogConfig
  model: PartitionModel
  log: PartitionLog | null
  /** Since when the log has taken the system's word for the device's. */
  lastOsStep: number
}

/** What a start had to be right about: a random test shows nothing of what it never came to. */
export const SITUATIONS = [
  'flushed before a power cut',
  'written before a kill',
  'lost with the power',
  'cut in the middle of a transaction',
  'aborted before the end',
  'start moved',
  'compacted',
] as const
export type Situation = (typeof SITUATIONS)[number]

class DeadError extends Error {}

/** Runs a script: process after process over one disk, each checked against the truth when it has opened its logs. */
export class CrashRun {
  private readonly script: CrashScript
  private readonly options: CrashOptions
  private readonly prng: SeededPrng
  private readonly partitions: Partition[]
  private readonly removed = new Set<string>()
  readonly seen = new Set<Situation>()
  private losesPower = false
  private clock = new ManualClock()
  private fs: SimFs
  private store: LogStore | null = null
  private topics = 0
  private stepsDone = 0

  constructor(script: CrashScript, options: CrashOptions = {}) {
    this.script = script
    this.options = options
    this.prng = new SeededPrng(script.seed + 0x5eed)
    this.fs = new SimFs({ now: () => this.clock.wallMs() })
    this.partitions = PARTITIONS.map((kind) => ({
      kind,
      identity: this.newIdentity(),
      config: { ...CONFIG, ...CONFIGS[kind] },
      model: new PartitionModel(),
      log: null,
      lastOsStep: -1,
    }))
  }

  /** @throws what was found to be wrong */
  async run(): Promise<void> {
    for (const life of this.script.lives) await this.live(life)
    await this.live({ steps: [], changes: Number.POSITIVE_INFINITY, losesPower: true })
    this.fs.changesLeft = Number.POSITIVE_INFINITY
    await this.start()
    await this.restart()
    await this.settle(this.living().close())
  }

  private async live(life: Life): Promise<void> {
    this.fs.changesLeft = life.changes
    this.fs.lastWrite = (totalBytes) => this.prng.below(totalBytes + 1)
    this.fs.holdsFlushes = true
    this.options.plant?.(this.fs)
    try {
      await this.start()
      for (const step of life.steps) await this.step(step)
    } catch (error) {
      if (!this.fs.isDead) throw error
    }
    await this.end(life.losesPower)
  }

  private async end(losesPower: boolean): Promise<void> {
    this.losesPower = losesPower
    const dead = this.fs
    this.fs = dead.kill()
    this.store = null
    if (losesPower) dead.losePower(this.prng.below(4) === 0 ? null : this.prng)
    dead.holdsFlushes = false
    for (let turn = 0; turn < LAST_TURNS; turn++) {
      dead.releaseFlushes()
      try {
        this.clock.tick()
      } catch {
        // Nobody hears a dead process.
      }
      await setImmediate()
    }
    this.clock = new ManualClock(this.clock.wallMs())
    for (const { model } of this.partitions) {
      model.promise(losesPower)
    }
  }

  private async start(): Promise<void> {
    const { clock, fs } = this
    const maintenance = { ...defaultMaintenanceSettings, ...MAINTENANCE }
    const prng = new SeededPrng(this.script.seed)
    const store = diskLogStore({ fs, directory: 'data', clock, logger: silentLogger, prng, maintenance })
    this.store = store
    const current = new Set(this.partitions.map(({ identity }) => identity.topicId))
    for (const { topicId, partition } of store.list()) {
      if (this.removed.has(topicId)) throw new Error(`${topicId} is there again after its removal`)
      if (!current.has(topicId)) await this.settle(store.remove({ topicId, topicName: '', partition }))
    }
    for (const partition of this.partitions) await this.open(partition)
  }

  /** Before the model becomes what the log is. */
  private noteSituations({ kind, model }: Partition, log: PartitionLog): void {
    const { entries, promisedEnd, promisedStart } = model
    if (entries.length === 0) return
    if (promisedEnd > 0) this.seen.add(this.losesPower ? 'flushed before a power cut' : 'written before a kill')
    if (this.losesPower && log.endOffset < model.endOffset) this.seen.add('lost with the power')
    if ([...model.producers().values()].some(({ openedAt }) => openedAt >= 0))
      this.seen.add('cut in the middle of a transaction')
    if (entries.some(({ isAbort }) => isAbort)) this.seen.add('aborted before the end')
    if (promisedStart > 0) this.seen.add('start moved')
    if (kind === 'compacted' && log.sizeBytes < entries.reduce((sum, { bytes }) => sum + bytes.byteLength, 0))
      this.seen.add('compacted')
  }

  private async open(partition: Partition): Promise<void> {
    const { model, kind } = partition
    const log = await this.settle(
      this.living().open(partition.identity, { ...partition.config, ...this.options.config }),
    )
    partition.log = log
    this.noteSituations(partition, log)
    try {
      const isCompacted = kind === 'compacted'
      await checkRecovered({
        log,
        model,
        promisedEnd: model.promisedEnd,
        isCompacted,
        settle: (value) => this.settle(value),
      })
    } catch (error) {
      if (!this.fs.isDead && error instanceof Error) error.message = `partition ${kind}: ${error.message}`
      throw error
    }
    model.settle(this.isFlushing(partition), log.endOffset)
    model.leaderEpoch = Math.max(model.leaderEpoch, log.leaderEpoch)
    log.setLeaderEpoch(leaderEpoch(model.leaderEpoch))
  }

  private async step(step: Step): Promise<void> {
    const partition = this.partitions[step.partition]
    if (partition === undefined) throw new Error('no such partition')
    this.stepsDone++
    await this.perform(step, partition, this.logOf(partition))
    for (let turn = 0; turn < step.turns; turn++) await this.turn()
    for (const { log, model } of this.partitions) {
      if (log === null || this.fs.isDead) continue
      if (log.failure !== null) throw new Error(`failed while in use: ${log.failure}`)
      model.seenOffset = Math.max(model.seenOffset, log.highWatermark)
      model.startOffsetMax = Math.max(model.startOffsetMax, log.startOffset)
    }
    if (this.fs.isDead) throw new DeadError('dead')
  }

  private async perform(step: Step, partition: Partition, log: PartitionLog): Promise<void> {
    const { model } = partition
    const nowMs = this.clock.wallMs()
    switch (step.kind) {
      case 'append': {
        const valueBytes = Math.min(step.valueBytes, partition.config.segmentBytes - 1500)
        const { bytes, records } = model.nextBatch(step.producer, { ...step, valueBytes }, nowMs)
        return this.append(partition, bytes, { records, durability: step.durability })
      }
      case 'repeat':
        return this.repeat(partition, step)
      case 'end': {
        if (model.producer(step.producer).openedAt < 0) return
        const bytes = model.marker(step.producer, step.isAbort, 0, nowMs)
        return this.append(partition, bytes, { isAbort: step.isAbort, durability: 'flushed' })
      }
      case 'fence':
        return this.append(partition, model.marker(step.producer, true, 1, nowMs), {
          isAbort: true,
          durability: 'flushed',
        })
      case 'fill':
        return this.fill(partition, step.appends)
      case 'delete':
        return this.delete(partition, log, step.percent)
      case 'read':
        return this.read(partition, log, step.percent)
      case 'epoch':
        model.leaderEpoch = log.leaderEpoch + 1
        log.setLeaderEpoch(leaderEpoch(model.leaderEpoch))
        return
      case 'advance':
        this.clock.advance(step.ms)
        for (let turn = 0; turn < 10; turn++) await this.turn()
        return
      case 'configure':
        if (partition.kind !== 'mixed') return
        partition.config = { ...partition.config, flush: step.flush }
        if (step.flush === 'os') partition.lastOsStep = this.stepsDone
        log.configure(partition.config)
        return
      case 'flush': {
        const target = log.endOffset
        const stepsDone = this.isFlushing(partition) ? this.stepsDone : -1
        this.whenDone(log.flush(), () => {
          if (stepsDone > partition.lastOsStep) model.flushedOffset = Math.max(model.flushedOffset, target)
        })
        return
      }
      case 'reopen':
        await this.settle(log.close())
        model.promise(false)
        return this.open(partition)
      case 'restart':
        return this.restart()
      case 'remove':
        return this.remove(partition, log)
    }
  }

  private append(
    partition: Partition,
    bytes: Buffer,
    {
      records = [],
      isAbort = false,
      durability,
    }: { records?: RecordToWrite[]; isAbort?: boolean; durability: Durability },
    isRefusalFine = false,
  ): void {
    const { fs } = this
    const { model } = partition
    const asked = partition.kind === 'acknowledged' ? 'flushed' : durability
    let entry: Entry | null = null
    this.send(partition, bytes, asked, (result, level) => {
      if (fs.isDead) return
      if (!result.ok && !isRefusalFine)
        throw new Error(`partition ${partition.kind}: refused with ${result.error}: ${partition.log?.failure}`)
      if (entry !== null) model.answered(entry, result, level)
      else if (result.ok) throw new Error('a batch without a place was answered')
    })
    // A dead process has its turn to the end: what it gives the place of others, which it takes for gone, is never written.
    if (fs.isDead && readBatchHeader(bytes).baseOffset < model.endOffset) return
    entry = model.place(bytes, records, isAbort)
  }

  private send(
    partition: Partition,
    batch: Buffer,
    durability: Durability,
    done: (result: AppendResult, level: Durability) => void,
  ): void {
    const stepsDone = this.isFlushing(partition) ? this.stepsDone : -1
    this.logOf(partition).append({ batch, header: readBatchHeader(batch), durability }, (result) =>
      done(result, durability === 'flushed' && stepsDone > partition.lastOsStep ? 'flushed' : 'written'),
    )
  }

  private repeat(partition: Partition, step: Step & { kind: 'repeat' }): void {
    const { fs } = this
    const log = this.logOf(partition)
    const entry = partition.model.recent(step.producer)[step.back]
    if (partition.kind === 'compacted' || entry === undefined || entry.header.baseOffset < log.startOffset) return
    this.send(partition, Buffer.from(entry.bytes), step.durability, (result, level) => {
      if (fs.isDead) return
      if (!result.ok || !result.duplicate)
        throw new Error(`a repeat of ${entry.header.baseOffset} was not known as one`)
      partition.model.answered(entry, result, level)
    })
  }

  /** A full disk, for so many appends. */
  private async fill(partition: Partition, appends: number): Promise<void> {
    const { fs, prng } = this
    const { fault } = fs
    const { model } = partition
    for (let turn = 0; turn < 5; turn++) await this.turn()
    const end = this.logOf(partition).endOffset
    const before = model.entries
    fs.fault = (operation, path) => {
      if (operation !== 'write') return fault(operation, path)
      const draw = prng.below(3)
      return draw === 0 ? 'ENOSPC' : draw === 1 ? prng.below(100) : null
    }
    const log = this.logOf(partition)
    for (let count = 0; count < appends; count++) {
      const producer = prng.below(2)
      const options = {
        records: 1 + prng.below(2),
        valueBytes: partition.kind === 'mixed' && prng.below(3) === 0 ? 17_000 : 50,
      }
      const { bytes, records } = model.nextBatch(producer, { ...options, compressionType: 'none' }, this.clock.wallMs())
      this.append(partition, bytes, { records, durability: 'written' }, true)
      if (prng.below(2) === 0) await this.turn()
    }
    for (let turn = 0; turn < FILLED_TURNS; turn++) await this.turn()
    fs.fault = fault
    if (fs.isDead) return
    const isWhole = log.endOffset === model.endOffset || before.length === 0
    if (!isWhole) throw new Error(`a full disk left the end at ${log.endOffset}, not ${model.endOffset}, from ${end}`)
  }

  private delete(partition: Partition, log: PartitionLog, percent: number): void {
    const { model } = partition
    const before = log.startOffset + Math.floor(((log.lastStableOffset - log.startOffset) * percent) / 100)
    model.startOffsetMax = Math.max(model.startOffsetMax, before)
    this.whenDone(Promise.resolve(log.deleteRecordsBefore(offset(before))), () => {
      model.startOffset = Math.max(model.startOffset, before)
      model.promisedStart = Math.max(model.promisedStart, before)
    })
  }

  private async read(partition: Partition, log: PartitionLog, percent: number): Promise<void> {
    const { model } = partition
    const at = log.startOffset + Math.floor(((log.highWatermark - log.startOffset) * percent) / 100)
    const request = { offset: at as Offset, bytesMax: 5000, atLeastOneBatch: true, bound: 'highWatermark' } as const
    const result = await this.settle(log.read(request))
    if (!result.ok) {
      if (result.error === 'OFFSET_OUT_OF_RANGE' && at < log.startOffset) return
      throw new Error(`a read at ${at} answers ${result.error}`)
    }
    const expected = model.bytesFrom(at).subarray(0, result.records.byteLength)
    const isSame = partition.kind === 'compacted' || expected.equals(result.records)
    result.release()
    if (!isSame) throw new Error(`partition ${partition.kind}: a read at ${at} gives other bytes`)
  }

  private async restart(): Promise<void> {
    await this.settle(this.living().close())
    for (const { model } of this.partitions) model.promise(false)
    await this.start()
    for (const { kind, log, model } of this.partitions) {
      if (log === null || kind === 'compacted') continue
      const isSame = (await readAll({ log, settle: (value) => this.settle(value) })).equals(
        model.bytesFrom(log.startOffset),
      )
      if (!isSame) throw new Error(`partition ${kind}: a clean stop lost something`)
    }
  }

  private async remove(partition: Partition, log: PartitionLog): Promise<void> {
    const { identity } = partition
    await this.settle(log.close())
    partition.identity = this.newIdentity()
    partition.model = new PartitionModel()
    partition.log = null
    await this.settle(this.living().remove(identity))
    this.removed.add(identity.topicId)
    await this.open(partition)
  }

  private whenDone(promise: Promise<void>, done: () => void): void {
    const { fs } = this
    promise.then(
      () => {
        if (!fs.isDead) done()
      },
      () => {},
    )
  }

  private isFlushing(partition: Partition): boolean {
    return partition.config.flush === 'device'
  }

  private newIdentity(): PartitionIdentity {
    const topicId = Buffer.from(`topic ${String(this.topics++).padStart(10, '0')}`).toString('base64url')
    return { topicId, topicName: `topic-${this.topics}`, partition: 0 }
  }

  private logOf({ log }: Partition): PartitionLog {
    if (log === null) throw new Error('the log is not open')
    return log
  }

  private living(): LogStore {
    if (this.store === null) throw new Error('the process is dead')
    return this.store
  }

  private async turn(): Promise<void> {
    this.clock.tick()
    this.fs.releaseFlushes(() => this.prng.below(2) === 0)
    await setImmediate()
  }

  private async settle<T>(value: Later<T>): Promise<T> {
    let isDone = false
    const promise = Promise.resolve(value).finally(() => {
      isDone = true
    })
    promise.catch(() => {})
    for (let turn = 0; !isDone; turn++) {
      if (this.fs.isDead && turn > LAST_TURNS) throw new DeadError('dead')
      if (turn > TURNS_MAX) throw new Error('a call never ends')
      await this.turn()
    }
    return promise
  }
}
