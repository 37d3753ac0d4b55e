import { ErrorCode } from '@odradek/protocol'
import { LoadClient, RetryLater } from '../durability/load-client.ts'
import type { WireClient } from '../harness/wire-client.ts'
import type { History, Reading } from './history.ts'
import { fetchShown } from './read-committed.ts'

const MAX_WAIT_MS = 50
const RETRY_MS = 20

export interface TransactionReaderOptions {
  readonly port: number
  readonly name: string
  readonly topic: string
  readonly partitions: number
  readonly history: History
}

/** Reads a topic under read_committed from its start, and goes on from where it was after every end of a connection. */
export class TransactionReader extends LoadClient {
  private readonly options: TransactionReaderOptions
  private readonly readings: readonly Reading[]

  constructor(options: TransactionReaderOptions) {
    super(options.port)
    this.options = options
    const { name, topic, partitions, history } = options
    this.readings = Array.from({ length: partitions }, (_, index) => ({
      consumer: name,
      partition: `${topic}-${index}`,
      records: [],
      position: 0,
    }))
    history.readings.push(...this.readings)
  }

  protected override async serve(client: WireClient): Promise<void> {
    const { topic, name } = this.options
    while (!this.isStopped) {
      const positions = new Map(this.readings.map(({ position }, index) => [index, position]))
      for (const answer of await fetchShown(client, topic, positions, 'read_committed', MAX_WAIT_MS)) {
        const { partition, errorCode, records, position } = answer
        if (errorCode === ErrorCode.NOT_LEADER_OR_FOLLOWER || errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) {
          await new Promise((resume) => setTimeout(resume, RETRY_MS))
          throw new RetryLater()
        }
        const reading = this.readings[partition]
        if (errorCode !== ErrorCode.NONE || reading === undefined)
          throw new Error(`${name}: ${topic}-${partition}: error ${errorCode}`)
        for (const record of records) reading.records.push(record)
        reading.position = position
      }
    }
  }
}
