import { type Offset, offset, type ProducerId, present, producerId } from '@odradek/core'
import {
  AddOffsetsToTxn,
  AddPartitionsToTxn,
  DescribeTransactions,
  EndTxn,
  type EndTxnResponse,
  InitProducerId,
  type InitProducerIdRequestInput,
  type InitProducerIdResponse,
  Produce,
  type ProduceResponsePartition,
} from '@odradek/protocol'
import type { BatchHeader } from '@odradek/records'
import { readBatchHeader } from '@odradek/records'
import { DataFixture } from './data-fixture.ts'
import { batchOf, produceRequest } from './data-requests.ts'
import type { Harness } from './harness.ts'

/** What a transactional producer holds. */
export interface Producer {
  readonly producerId: ProducerId
  readonly producerEpoch: number
}

export interface TransactionalProduce {
  readonly version?: number
  readonly partition?: number
  readonly topic?: string
  readonly acks?: number
  readonly transactionalId?: string | null
  readonly isTransactional?: boolean
  readonly by?: Harness
}

const TRANSACTIONAL_ID = 'tx'

/** Transactions as clients see them: of the id `tx` and with partitions of topic `t`, unless told otherwise. */
export class TransactionFixture extends DataFixture {
  readonly by: Harness = this.client()

  async init(
    rest: Partial<InitProducerIdRequestInput> = {},
    version = 5,
    by = this.by,
  ): Promise<InitProducerIdResponse> {
    const request = { transactionalId: TRANSACTIONAL_ID, transactionTimeoutMs: 60_000, ...rest }
    return present(await this.settle(by.send(InitProducerId, version, request)), 'an answer')
  }

  /** A producer that has an id and epoch. */
  async producer(transactionalId = TRANSACTIONAL_ID): Promise<Producer> {
    const { producerId: id, producerEpoch } = await this.init({ transactionalId })
    return { producerId: producerId(id), producerEpoch }
  }

  /** Codes of the partitions of `t`, in the client's form. */
  async add(
    { producerId: id, producerEpoch }: Producer,
    partitions: readonly number[] = [0],
    version = 3,
    by = this.by,
    transactionalId = TRANSACTIONAL_ID,
  ): Promise<number[]> {
    const answer = await this.settle(
      by.send(AddPartitionsToTxn, version, {
        v3AndBelowTransactionalId: transactionalId,
        v3AndBelowProducerId: id,
        v3AndBelowProducerEpoch: producerEpoch,
        v3AndBelowTopics: [{ name: 't', partitions }],
        transactions: [],
      }),
    )
    return present(answer, 'an answer').resultsByTopicV3AndBelow.flatMap(({ resultsByPartition }) =>
      resultsByPartition.map(({ partitionErrorCode }) => partitionErrorCode),
    )
  }

  async addOffsets(producer: Producer, groupId = 'g', version = 4, by = this.by): Promise<number> {
    const request = { transactionalId: TRANSACTIONAL_ID, ...producer, groupId }
    return present(await this.settle(by.send(AddOffsetsToTxn, version, request)), 'an answer').errorCode
  }

  async end(producer: Producer, committed = true, version = 5, by = this.by): Promise<EndTxnResponse> {
    const request = { transactionalId: TRANSACTIONAL_ID, ...producer, committed }
    return present(await this.settle(by.send(EndTxn, version, request)), 'an answer')
  }

  /** Asks without waiting: nothing happens before the clock is turned. */
  produceSoon(
    { producerId: id, producerEpoch }: Producer,
    baseSequence: number,
    options: TransactionalProduce = {},
  ): Promise<ProduceResponsePartition | null> {
    const { version = 12, partition = 0, topic = 't', acks = 1, isTransactional = true, by = this.by } = options
    const transactionalId = options.transactionalId === undefined ? TRANSACTIONAL_ID : options.transactionalId
    const batch = batchOf(['a'], { producerId: id, producerEpoch, baseSequence, isTransactional })
    const request = produceRequest(topic, batch, { acks, transactionalId, index: partition })
    return by.send(Produce, version, request).then((answer) => answer?.responses[0]?.partitionResponses[0] ?? null)
  }

  async produce(
    producer: Producer,
    baseSequence: number,
    options: TransactionalProduce = {},
  ): Promise<ProduceResponsePartition> {
    return present(await this.settle(this.produceSoon(producer, baseSequence, options)), 'an answer')
  }

  /** Of the transactional id, as DescribeTransactions has it. */
  async stateOf(transactionalId = TRANSACTIONAL_ID): Promise<string> {
    const answer = await this.settle(this.by.send(DescribeTransactions, 0, { transactionalIds: [transactionalId] }))
    return present(answer?.transactionStates[0], 'a row').transactionState
  }

  logOf(topic = 't', partition = 0) {
    const view = present(this.cluster.topic(topic), 'a topic')
    return present(this.partitions.find(view, partition), 'a partition').log
  }

  /** Headers of all batches of a partition, markers too. */
  async batchesOf(topic = 't', partition = 0): Promise<BatchHeader[]> {
    const log = this.logOf(topic, partition)
    const headers: BatchHeader[] = []
    // A read ends with its segment, and markers are much younger than these records.
    for (let next: Offset = log.startOffset; next < log.endOffset; ) {
      const result = await log.read({ offset: next, bytesMax: 1e6, atLeastOneBatch: true, bound: 'end' })
      if (!result.ok) throw new Error(result.error)
      for (let at = 0; at < result.records.length; at += present(headers.at(-1), 'a header').sizeBytes)
        headers.push(readBatchHeader(result.records, at))
      result.release()
      const last = present(headers.at(-1), 'a batch')
      next = offset(last.baseOffset + last.lastOffsetDelta + 1)
    }
    return headers
  }
}
