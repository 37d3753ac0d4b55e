import { ErrorCode, Fetch, type FetchResponsePartition } from '@odradek/protocol'
import type { BatchRecord } from '@odradek/records'
import { CommandFailure, expectOk } from './failure.ts'
import type { KafkaClient } from './kafka-client.ts'
import {
  byLeader,
  byTopic,
  EARLIEST,
  LATEST,
  listOffsets,
  partitionName,
  type TopicPartition,
} from './partition-offsets.ts'
import { shownRecords } from './shown-records.ts'

const WAIT_MS = 500
const FETCH_BYTES_MAX = 8 * 1024 * 1024
const PARTITION_BYTES_MAX = 1024 * 1024
/** From 4 on there is an isolation level, from 13 on topics have ids in place of names. */
const VERSIONS = { min: 4, max: 12 }
const NO_SESSION = { sessionId: 0, sessionEpoch: -1 }

export interface ReadRecord extends TopicPartition {
  readonly record: BatchRecord
}

interface Position extends TopicPartition {
  offset: number
}

/** Reads partitions without a group: nobody else is affected, and nothing of it is left in the cluster. */
export class PartitionReader {
  private readonly client: KafkaClient
  private readonly positions: readonly Position[]
  private readonly isolationLevel: 0 | 1

  constructor(
    client: KafkaClient,
    positions: readonly (TopicPartition & { readonly offset: number })[],
    isolation: 'read_committed' | 'read_uncommitted',
  ) {
    this.client = client
    this.positions = positions.map((each) => ({ ...each }))
    this.isolationLevel = isolation === 'read_committed' ? 1 : 0
  }

  positionOf({ topic, partition }: TopicPartition): number {
    return this.positions.find((each) => each.topic === topic && each.partition === partition)?.offset ?? -1
  }

  /** What comes next in any of the partitions; nothing when nothing does for a while. */
  read(): Promise<readonly ReadRecord[]> {
    return this.client.retrying(async () => {
      const leaders = await byLeader(this.client, this.positions)
      const read = await Promise.all(Array.from(leaders, ([leader, positions]) => this.readFrom(leader, positions)))
      return read.flat()
    })
  }

  private async readFrom(leader: number, positions: readonly Position[]): Promise<readonly ReadRecord[]> {
    const connection = await this.client.node(leader)
    const topics = byTopic(positions).map(([topic, partitions]) => ({
      topic,
      partitions: partitions.map(({ partition, offset }) => ({
        partition,
        fetchOffset: BigInt(offset),
        partitionMaxBytes: PARTITION_BYTES_MAX,
      })),
    }))
    const limits = { maxWaitMs: WAIT_MS, minBytes: 1, maxBytes: FETCH_BYTES_MAX, isolationLevel: this.isolationLevel }
    const version = connection.versionOf(Fetch, VERSIONS)
    const session = version >= 7 ? NO_SESSION : {}
    const answer = await connection.callIn(Fetch, version, { ...limits, ...session, topics }, WAIT_MS)
    expectOk(`fetch from ${connection.name}`, answer.errorCode)
    const read: ReadRecord[] = []
    for (const { topic, partitions } of answer.responses) {
      for (const each of partitions) {
        const position = positions.find((one) => one.topic === topic && one.partition === each.partitionIndex)
        if (position !== undefined) read.push(...(await this.take(position, each)))
      }
    }
    return read
  }

  private async take(position: Position, answer: FetchResponsePartition): Promise<readonly ReadRecord[]> {
    if (answer.errorCode === ErrorCode.OFFSET_OUT_OF_RANGE) {
      await this.moveIntoRange(position)
      return []
    }
    expectOk(`partition ${partitionName(position)}`, answer.errorCode)
    const { topic, partition, offset } = position
    const shown = shownRecords(answer.records ?? new Uint8Array(), offset, answer.abortedTransactions ?? [])
    position.offset = shown.position
    return shown.records.map((record) => ({ topic, partition, record }))
  }

  /** Records that retention has taken are passed over; an offset that is not there yet was a mistake. */
  private async moveIntoRange(position: Position): Promise<void> {
    const { topic, partition, offset } = position
    const ask = async (timestamp: bigint) =>
      (await listOffsets(this.client, [{ topic, partition, timestamp }]))[0]?.offset ?? -1
    const [earliest, latest] = [await ask(EARLIEST), await ask(LATEST)]
    if (offset >= earliest)
      throw new CommandFailure(`${partitionName(position)} has no offset ${offset}: it has ${earliest} to ${latest}`)
    position.offset = earliest
  }
}
