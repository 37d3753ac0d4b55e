import { ErrorCode } from '@odradek/protocol'
import type { WireClient } from '../harness/wire-client.ts'
import { commitOffsets, committedOffsets, fetch, NoCoordinator } from './broker-calls.ts'
import type { History, Reading } from './history.ts'
import { LoadClient, RetryLater } from './load-client.ts'

const MAX_WAIT_MS = 50
const FETCHES_A_COMMIT = 5

export interface LoadReaderOptions {
  readonly port: number
  readonly name: string
  readonly topic: string
  readonly partitions: number
  readonly history: History
  /** What is no longer there may be skipped: the topic's records age. */
  readonly ages: boolean
}

/** Reads a topic from its start, commits where it is, and goes on from where it was when the broker comes back. */
export class LoadReader extends LoadClient {
  private readonly options: LoadReaderOptions
  private readonly positions = new Map<number, number>()
  private readonly readings: readonly Reading[]

  constructor(options: LoadReaderOptions) {
    super(options.port)
    this.options = options
    const { name, topic, partitions, history } = options
    this.readings = Array.from({ length: partitions }, (_, index) => ({
      consumer: name,
      partition: `${topic}-${index}`,
      records: [],
    }))
    for (const [index, reading] of this.readings.entries()) {
      this.positions.set(index, 0)
      history.readings.push(reading)
    }
  }

  protected override async serve(client: WireClient): Promise<void> {
    if (!(await this.hasFoundCommitted(client))) throw new RetryLater()
    for (let fetches = 1; !this.isStopped; fetches++) {
      await this.readOn(client)
      if (fetches % FETCHES_A_COMMIT === 0) await this.commit(client)
    }
  }

  private async readOn(client: WireClient): Promise<void> {
    const { topic, name, ages } = this.options
    for (const answer of await fetch(client, topic, this.positions, MAX_WAIT_MS)) {
      const { partition, errorCode, records } = answer
      if (errorCode === ErrorCode.OFFSET_OUT_OF_RANGE && ages && answer.logStartOffset >= 0) {
        this.positions.set(partition, answer.logStartOffset)
        continue
      }
      if (errorCode === ErrorCode.KAFKA_STORAGE_ERROR) throw new RetryLater()
      if (errorCode !== ErrorCode.NONE)
        throw new Error(`${name}: ${topic}-${partition} at ${this.positions.get(partition)}: error ${errorCode}`)
      const reading = this.readings[partition]
      for (const read of records) reading?.records.push(read)
      const last = records.at(-1)
      if (last !== undefined) this.positions.set(partition, last.offset + 1)
    }
  }

  private async commit(client: WireClient): Promise<void> {
    const { name: group, topic, history } = this.options
    const offsets = new Map(this.positions)
    const note = (kind: 'asked' | 'committed', index: number, offset: number) =>
      history.commits.push({ group, partition: `${topic}-${index}`, kind, offset })
    for (const [index, offset] of offsets) note('asked', index, offset)
    for (const [index, errorCode] of await commitOffsets(client, group, topic, offsets))
      if (errorCode === ErrorCode.NONE) note('committed', index, offsets.get(index) ?? -1)
  }

  /** What the broker says the group has committed goes into the history; false while nobody coordinates it. */
  async hasFoundCommitted(client: WireClient): Promise<boolean> {
    const { name: group, topic, partitions, history } = this.options
    try {
      for (const [index, offset] of await committedOffsets(client, group, topic, partitions))
        history.commits.push({ group, partition: `${topic}-${index}`, kind: 'found', offset })
      return true
    } catch (error) {
      if (error instanceof NoCoordinator) return false
      throw error
    }
  }
}
