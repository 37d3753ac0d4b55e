import { assert, present, producerId } from '@odradek/core'
import {
  AddOffsetsToTxn,
  type AddOffsetsToTxnResponse,
  AddPartitionsToTxn,
  type AddPartitionsToTxnResponse,
  EndTxn,
  type EndTxnResponse,
  ErrorCode,
  errorName,
  InitProducerId,
  type InitProducerIdResponse,
  Produce,
  type ProduceResponse,
  TxnOffsetCommit,
  type TxnOffsetCommitResponse,
} from '@odradek/protocol'
import { batchOf } from '../data-requests.ts'
import type { FuzzTransaction } from './fuzz-ledger-fixture.ts'
import type { FuzzWorld } from './fuzz-world-fixture.ts'

type Phase = 'new' | 'ready' | 'open' | 'broken' | 'recovering'

type Then<Response> = (answer: Response | null) => void

interface Batch {
  readonly topic: string
  readonly index: number
  readonly baseSequence: number
  readonly values: readonly string[]
}

const RETRIES_MAX = 15
const REST_STEPS_MAX = 60

const RETRIABLE: readonly number[] = [
  ErrorCode.CONCURRENT_TRANSACTIONS,
  ErrorCode.NOT_COORDINATOR,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.LEADER_NOT_AVAILABLE,
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ErrorCode.UNKNOWN_TOPIC_ID,
  ErrorCode.KAFKA_STORAGE_ERROR,
  ErrorCode.NOT_ENOUGH_REPLICAS,
]

/** A producer is told these by right; all others are bugs. */
const FINAL: readonly number[] = [
  ErrorCode.PRODUCER_FENCED,
  ErrorCode.INVALID_PRODUCER_EPOCH,
  ErrorCode.INVALID_TXN_STATE,
  ErrorCode.TRANSACTION_ABORTABLE,
  ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
]

/** A transactional producer that does what clients do, and does not know when another with its id has taken over. */
export class FuzzProducer {
  private readonly world: FuzzWorld
  private readonly name: string
  private readonly transactionalId: string
  /** A client of version 2 of transactions. */
  private readonly isNewer: boolean
  private phase: Phase = 'new'
  private isWaiting = false
  private retry: (() => void) | null = null
  private retries = 0
  private restSteps = 0
  private producerId = -1n
  private producerEpoch = -1
  private transactions = 0
  private transaction: FuzzTransaction | null = null
  private sequences = new Map<string, number>()
  private added = new Set<string>()

  constructor(world: FuzzWorld, name: string, transactionalId: string, isNewer: boolean) {
    this.world = world
    this.name = name
    this.transactionalId = transactionalId
    this.isNewer = isNewer
  }

  step(): void {
    const dice = this.world.prng.below(100)
    if (this.isWaiting || this.restSteps-- > 0) return
    if (this.retry !== null) this.again(this.retry)
    else if (this.phase === 'new') this.init()
    else if (dice < 2) this.die()
    else if (this.phase === 'recovering') this.init()
    else if (this.phase === 'broken') this.end(false)
    else if (this.phase === 'ready' || dice < 65) this.work(dice)
    else this.end(dice < 88)
  }

  private get open(): FuzzTransaction {
    return present(this.transaction, 'a transaction is open')
  }

  private work(dice: number): void {
    if (this.phase === 'ready') {
      const name = `${this.name}/${this.transactions++}`
      this.transaction = this.world.ledger.begin(name, this.groupId)
      this.added = new Set()
      this.phase = 'open'
    }
    if (dice < 15 && this.open.offset === null) this.commitOffset()
    else this.write()
  }

  private get groupId(): string {
    return `group of ${this.transactionalId}`
  }

  private again(retry: () => void): void {
    this.retry = null
    retry()
  }

  /** Without a word; whoever comes next gets another epoch. */
  private die(): void {
    this.phase = 'new'
    this.retry = null
    this.transaction = null
    this.producerId = -1n
    this.producerEpoch = -1
    this.restSteps = this.world.prng.below(REST_STEPS_MAX)
  }

  /** New, or with what it has, to get past what it does not know of its last batches. (KIP-360) */
  private init(): void {
    const { transactionalId, producerEpoch } = this
    const transactionTimeoutMs = 1000 + this.world.prng.below(59_000)
    const request = { transactionalId, transactionTimeoutMs, producerId: this.producerId, producerEpoch }
    this.send(
      (then: Then<InitProducerIdResponse>) =>
        this.world.ask(InitProducerId, 5, request, this.coordinator, { isRepeatable: false }, then),
      ({ errorCode }) => errorCode,
      (answer) => this.goOn(answer),
      () => this.die(),
    )
  }

  private goOn(next: { readonly producerId: bigint; readonly producerEpoch: number }): void {
    this.producerId = next.producerId
    this.producerEpoch = next.producerEpoch
    this.sequences = new Map()
    this.phase = 'ready'
    this.transaction = null
  }

  private write(): void {
    const places = this.world.somePlaces()
    const missing = places.filter(({ topic, index }) => !this.added.has(`${topic}-${index}`))
    if (this.isNewer || missing.length === 0) {
      this.produce(places.map(({ topic, index }) => this.batch(topic, index)))
      return
    }
    const request = {
      v3AndBelowTransactionalId: this.transactionalId,
      v3AndBelowProducerId: this.producerId,
      v3AndBelowProducerEpoch: this.producerEpoch,
      v3AndBelowTopics: missing.map(({ topic, index }) => ({ name: topic, partitions: [index] })),
      transactions: [],
    }
    this.send(
      (then: Then<AddPartitionsToTxnResponse>) =>
        this.world.ask(AddPartitionsToTxn, 3, request, this.coordinator, { isRepeatable: false }, then),
      (answer) => {
        const rows = answer.resultsByTopicV3AndBelow.flatMap(({ resultsByPartition }) => resultsByPartition)
        const codes = rows.map(({ partitionErrorCode }) => partitionErrorCode)
        const other = (code: number) => code !== ErrorCode.NONE && code !== ErrorCode.OPERATION_NOT_ATTEMPTED
        return codes.find(other) ?? ErrorCode.NONE
      },
      () => {
        for (const { topic, index } of missing) this.added.add(`${topic}-${index}`)
        this.produce(places.map(({ topic, index }) => this.batch(topic, index)))
      },
      (code) => this.failed(code),
    )
  }

  private batch(topic: string, index: number): Batch {
    const baseSequence = this.sequences.get(`${topic}-${index}`) ?? 0
    const values = Array.from({ length: 1 + this.world.prng.below(3) }, () => this.open.nextValue())
    return { topic, index, baseSequence, values }
  }

  private produce(batches: readonly Batch[]): void {
    const { world, transactionalId, producerEpoch } = this
    const leader = world.leaderOf(batches[0]?.topic ?? '')
    const version = this.isNewer ? 12 + world.prng.below(2) : 11
    const topicData = batches.map(({ topic, index, baseSequence, values }) => {
      const producer = { producerId: producerId(this.producerId), producerEpoch, baseSequence, isTransactional: true }
      const partitionData = [{ index, records: batchOf(values, producer) }]
      return version >= 13 ? { topicId: world.topicIdOf(topic), partitionData } : { name: topic, partitionData }
    })
    const request = { transactionalId, acks: -1, timeoutMs: 5000, topicData }
    const ids = new Map(batches.map(({ topic }) => [topic, world.topicIdOf(topic)]))
    this.isWaiting = true
    world.ask(Produce, version, request, leader, { isRepeatable: true }, (answer) => {
      this.isWaiting = false
      if (this.phase !== 'open') return
      const left = answer === null ? batches : this.acknowledge(batches, answer, ids)
      if (this.phase !== 'open' || left.length === 0) this.retries = 0
      else if (++this.retries > RETRIES_MAX) this.breakOff()
      else this.retry = () => this.produce(left)
    })
  }

  /** Those that have to be sent again. */
  private acknowledge(
    batches: readonly Batch[],
    { responses }: ProduceResponse,
    ids: ReadonlyMap<string, string>,
  ): Batch[] {
    const rows = responses.flatMap(({ partitionResponses }) => partitionResponses)
    assert(rows.length === batches.length, `${rows.length} rows answer ${batches.length}`)
    return batches.filter((batch, at) => {
      const { errorCode, baseOffset } = present(rows[at], 'a row')
      if (RETRIABLE.includes(errorCode)) return true
      if (errorCode !== ErrorCode.NONE) {
        const isOutOfOrder =
          errorCode === ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER && !this.world.mayForget(batch.topic, batch.index)
        assert(!isOutOfOrder, `${batch.values[0]} is out of order: ${batch.baseSequence}`)
        this.failed(errorCode)
        return false
      }
      const place = `${ids.get(batch.topic)}-${batch.index}`
      this.sequences.set(`${batch.topic}-${batch.index}`, batch.baseSequence + batch.values.length)
      for (const [index, value] of batch.values.entries())
        this.open.records.push({ value, place, offset: Number(baseOffset) + index })
      return false
    })
  }

  private commitOffset(): void {
    const { transactionalId, producerEpoch, groupId, world } = this
    const { open } = this
    const ids = { transactionalId, groupId, producerId: this.producerId, producerEpoch }
    const value = world.ledger.nextOffset(open)
    const partitions = [{ partitionIndex: 0, committedOffset: BigInt(value), committedMetadata: null }]
    const request = { ...ids, topics: [{ name: 't', partitions }] }
    const version = this.isNewer ? 5 : 3
    const isRepeatable = this.isNewer
    const commit = () =>
      this.send(
        (then: Then<TxnOffsetCommitResponse>) =>
          world.ask(TxnOffsetCommit, version, request, world.groupNode(groupId), { isRepeatable }, then),
        ({ topics }) => topics[0]?.partitions[0]?.errorCode ?? ErrorCode.NONE,
        () => {
          open.offset = value
        },
        (code) => this.failed(code),
      )
    open.nextValue()
    if (this.isNewer) commit()
    else
      this.send(
        (then: Then<AddOffsetsToTxnResponse>) =>
          world.ask(AddOffsetsToTxn, 3, ids, this.coordinator, { isRepeatable: false }, then),
        ({ errorCode }) => errorCode,
        commit,
        (code) => this.failed(code),
      )
  }

  private end(committed: boolean): void {
    const { open, transactionalId, producerEpoch, isNewer } = this
    if (open.isEmpty) return
    open.isCommitSent ||= committed
    let isCertain = true
    const request = { transactionalId, producerId: this.producerId, producerEpoch, committed }
    const wasBroken = this.phase === 'broken'
    this.send(
      (then: Then<EndTxnResponse>) =>
        this.world.ask(EndTxn, isNewer ? 5 : 4, request, this.coordinator, { isRepeatable: isNewer }, (answer) => {
          if (answer === null) isCertain = false
          then(answer)
        }),
      ({ errorCode }) => {
        if (RETRIABLE.includes(errorCode) && errorCode !== ErrorCode.CONCURRENT_TRANSACTIONS) isCertain = false
        return errorCode
      },
      (answer) => {
        open.outcome = committed ? 'committed' : 'aborted'
        if (isNewer) this.goOn(answer)
        else {
          this.transaction = null
          this.phase = wasBroken ? 'recovering' : 'ready'
        }
      },
      () => {
        if (isCertain && open.outcome === null) open.outcome = 'aborted'
        // Of an old client nothing may have got into the transaction: there is none to end.
        if (wasBroken && !isNewer) this.phase = 'recovering'
        else this.die()
      },
    )
  }

  private failed(errorCode: number): void {
    assert(FINAL.includes(errorCode), `${this.name} is told ${errorName(errorCode)}`)
    if (errorCode === ErrorCode.PRODUCER_FENCED || errorCode === ErrorCode.INVALID_PRODUCER_EPOCH) this.die()
    else this.breakOff()
  }

  private breakOff(): void {
    if (this.phase !== 'open') return
    this.phase = 'broken'
    this.retries = 0
  }

  private get coordinator(): number {
    return this.world.fixture.transactions.coordinatorOf(this.transactionalId) ?? 1
  }

  /** Sends again until there is an answer that says something. */
  private send<Response>(
    ask: (then: Then<Response>) => void,
    codeOf: (answer: Response) => number,
    then: (answer: Response) => void,
    refused: (errorCode: number) => void,
  ): void {
    this.isWaiting = true
    ask((answer) => {
      this.isWaiting = false
      const code = answer === null ? ErrorCode.COORDINATOR_NOT_AVAILABLE : codeOf(answer)
      if (answer !== null && code === ErrorCode.NONE) then(answer)
      else if (answer === null || RETRIABLE.includes(code)) this.retry = () => this.send(ask, codeOf, then, refused)
      else {
        assert(FINAL.includes(code), `${this.name} is told ${errorName(code)}`)
        refused(code)
      }
    })
  }
}
