import { assert, type Offset, type Prng, present, ZERO_TOPIC_ID } from '@odradek/core'
import type { AppendRequest, AppendResult, PartitionLog } from '@odradek/log'
import { type Api, DeleteRecords, OffsetFetch } from '@odradek/protocol'
import { decodeTransactionStateRecord } from '@odradek/protocol/records'
import { readEndTransactionMarker, recordsOf } from '@odradek/records'
import type { TopicView } from '../cluster-view.ts'
import { DataFixture } from '../data-fixture.ts'
import { FuzzJournal } from './fuzz-journal-fixture.ts'
import { FuzzLedger } from './fuzz-ledger-fixture.ts'
import { FuzzReader } from './fuzz-reader-fixture.ts'

export const TOPICS: Readonly<Record<string, number>> = { t: 2, u: 1, remade: 1 }
const REPLICAS = [1, 2, 3]
const REMADE = 'remade'
const LIMITS = { maxDecompressedBytes: 1_000_000 }
const PREPARE_COMMIT = 2
const PREPARE_ABORT = 3
const LATE_MAX = 20
const TURNS_PER_ASK = 3

/** A fault that a test plants to see that it is found. */
export interface PlantedFault {
  onLog?(log: PartitionLog, topic: string): void
  onStart?(fixture: DataFixture): void
}

/** A transaction is to be ended in these partitions (`topic-index`). */
export interface DecidedEnd {
  readonly producerId: bigint
  readonly committed: boolean
  readonly partitions: ReadonlySet<string>
}

export interface FuzzWorldOptions {
  /** Nothing fails, moves or crashes: then there is exactly one marker for each partition of each transaction. */
  readonly isCalm: boolean
  /** The finalized level of `transaction.version`. */
  readonly transactionVersion: number
  readonly fault?: PlantedFault
}

/** A broker whose logs are watched, whose answers get lost, and which may crash at any append. */
export class FuzzWorld {
  readonly fixture = new DataFixture()
  readonly ledger = new FuzzLedger()
  readonly journals = new Map<string, FuzzJournal>()
  readonly prng: Prng
  readonly isCalm: boolean
  readers: FuzzReader[] = []
  /** Ends that coordinators have decided, in their order. */
  readonly ends: DecidedEnd[] = []
  /** Counts appends to all logs. */
  appends = 0
  /** The append at which the broker crashes: before it is written, or after. */
  crashAt: { readonly append: number; readonly isWritten: boolean } | null = null
  failsNextAppend = false
  /** Nothing is lost and nothing comes late from here on. */
  isQuiet = false
  crashes = 0
  private life = 0
  private isDead = false
  private remakes = 0
  private bug: unknown = null
  private readonly fault: PlantedFault
  private readonly pending = new Set<() => void>()
  private readonly late: (() => Promise<unknown>)[] = []
  private readonly clients = [1, 2, 3].map((node) => this.fixture.client(node))
  private readonly logs = new Map<PartitionLog, { failing: boolean }>()

  constructor(prng: Prng, { isCalm, transactionVersion, fault = {} }: FuzzWorldOptions) {
    this.prng = prng
    this.isCalm = isCalm
    this.fault = fault
    const levels = new Map([['transaction.version', transactionVersion]])
    this.fixture.cluster.features = () => ({ epoch: 1n, levels })
    const { store } = this.fixture
    const open = store.open.bind(store)
    store.open = async (identity, config, directoryId) => {
      const log = await open(identity, config, directoryId)
      this.watch(log, identity.topicName, `${identity.topicId}-${identity.partition}`)
      return log
    }
  }

  async start(): Promise<void> {
    await this.fixture.createTopic('__transaction_state', { partitions: 2, replicas: REPLICAS })
    await this.fixture.createTopic('__consumer_offsets', { partitions: 2, replicas: REPLICAS })
    // While the broker starts, its coordinators know no topic yet: the fixture would make another one of the same name.
    this.fixture.refuseCreation = true
    for (const [name, partitions] of Object.entries(TOPICS)) {
      await this.fixture.createTopic(name, { partitions, leader: 1 + this.prng.below(3), replicas: REPLICAS })
      this.addReaders(name)
    }
    this.fault.onStart?.(this.fixture)
  }

  /** Sends; `then` is called once, with null when no answer comes. Whoever asks then does not know what has happened. */
  ask<Request, Response, RequestInput, ResponseInput>(
    api: Api<Request, Response, RequestInput, ResponseInput>,
    version: number,
    request: RequestInput,
    node: number,
    { isRepeatable }: { readonly isRepeatable: boolean },
    then: (answer: Response | null) => void,
  ): void {
    const client = present(this.clients[Math.max(1, node) - 1], 'a node')
    const send = () => client.send(api, version, request)
    const dice = this.isQuiet ? 100 : this.prng.below(100)
    let isAnswered = false
    const answer = (value: Response | null) => {
      if (isAnswered) return
      isAnswered = true
      this.pending.delete(lost)
      this.attempt(() => then(value))
    }
    const lost = () => answer(null)
    this.pending.add(lost)
    if (isRepeatable && dice < 6 && this.late.length < LATE_MAX) this.late.push(send)
    if (isRepeatable && dice < 3) {
      this.fixture.clock.soon(lost)
      return
    }
    send().then(
      (value) => answer(dice >= 6 && dice < 12 ? null : value),
      (error) => this.fail(error),
    )
  }

  /** One of the requests that were held up, or sent twice. */
  sendLate(): void {
    const [send] = this.late.splice(this.prng.below(Math.max(1, this.late.length)), 1)
    send?.().catch((error) => this.fail(error))
  }

  async turn(): Promise<void> {
    for (let turn = 0; turn < TURNS_PER_ASK; turn++) await this.fixture.turn()
    await this.afterwards()
  }

  async advance(ms: number): Promise<void> {
    this.fixture.clock.advance(ms)
    await this.turn()
  }

  /** Everything in memory is lost: nobody is answered, and nothing more is written by who was writing. */
  async crash(): Promise<void> {
    this.crashes++
    this.life++
    this.isDead = false
    for (const lost of [...this.pending]) lost()
    await this.fixture.restart()
    this.fault.onStart?.(this.fixture)
  }

  async move(topic: string, leader: number): Promise<void> {
    await this.fixture.changePartitions(topic, leader)
    await this.afterwards()
  }

  async remake(): Promise<void> {
    this.remakes++
    await this.fixture.deleteTopic(REMADE)
    await this.fixture.createTopic(REMADE, { leader: 1 + this.prng.below(3), replicas: REPLICAS })
    this.addReaders(REMADE)
    await this.afterwards()
  }

  deleteRecords(topic: string, index: number): void {
    const offset = BigInt(this.prng.below(this.logOf(this.topic(topic), index).highWatermark + 1))
    const topics = [{ name: topic, partitions: [{ partitionIndex: index, offset }] }]
    this.ask(DeleteRecords, 2, { topics, timeoutMs: 1000 }, this.leaderOf(topic), { isRepeatable: false }, () => {})
  }

  /** What the group's offset is now; a pending one does not count. */
  askOffset(groupId: string, then: (offset: number) => void): void {
    const groups = [{ groupId, topics: [{ name: 't', partitionIndexes: [0] }] }]
    this.ask(OffsetFetch, 8, { groups }, this.groupNode(groupId), { isRepeatable: false }, (answer) => {
      const [group] = answer?.groups ?? []
      const row = group?.topics[0]?.partitions[0]
      if (group?.errorCode === 0 && row?.errorCode === 0) then(Number(row.committedOffset))
    })
  }

  addReaders(name: string): void {
    const topic = this.topic(name)
    for (const { index } of topic.partitions) {
      for (const isCommitted of [true, false]) this.readers.push(new FuzzReader(this, topic, index, isCommitted))
    }
  }

  somePlaces(): { readonly topic: string; readonly index: number }[] {
    const all = Object.entries(TOPICS).flatMap(([topic, count]) =>
      Array.from({ length: count }, (_, index) => ({ topic, index })),
    )
    const first = present(all[this.prng.below(all.length)], 'a partition')
    const second = present(all[this.prng.below(all.length)], 'a partition')
    return first === second || this.prng.below(3) > 0 ? [first] : [first, second]
  }

  topic(name: string): TopicView {
    return present(this.fixture.cluster.topic(name), `topic ${name}`)
  }

  topicIdOf(name: string): string {
    return this.fixture.cluster.topic(name)?.id ?? ZERO_TOPIC_ID
  }

  placeOf(topic: TopicView, index: number): string {
    return `${topic.id}-${index}`
  }

  leaderOf(name: string): number {
    return this.fixture.cluster.topic(name)?.partitions[0]?.leader ?? 1
  }

  groupNode(groupId: string): number {
    return this.fixture.groups.coordinatorOf(groupId) ?? 1
  }

  /** Its partitions may begin in the middle of a producer's sequences. */
  isRemade(name: string): boolean {
    return name === REMADE && this.remakes > 0
  }

  /**
   * Whether the partition may no longer know a producer's last sequence: it is another one, or was read again without
   * the batches that DeleteRecords took, of whose producer a marker is left. Kafka then answers out of order too.
   */
  mayForget(name: string, index: number): boolean {
    return this.isRemade(name) || (this.crashes > 0 && this.startOf(this.topic(name), index) > 0)
  }

  startOf(topic: TopicView, index: number): number {
    return this.logOf(topic, index).startOffset
  }

  logOf(topic: TopicView, index: number): PartitionLog {
    return present(this.fixture.partitions.find(topic, index), 'a partition').log
  }

  private async afterwards(): Promise<void> {
    while (this.isDead) await this.crash()
    if (this.bug !== null) throw this.bug
    for (const name of Object.keys(TOPICS)) {
      const topic = this.topic(name)
      for (const { index } of topic.partitions) {
        const log = this.logOf(topic, index)
        this.journalOf(topic, index).checkStable(log.lastStableOffset, log.highWatermark, log.startOffset)
      }
    }
  }

  journalOf(topic: TopicView, index: number): FuzzJournal {
    return present(this.journals.get(this.placeOf(topic, index)), 'a log is watched from its beginning')
  }

  private watch(log: PartitionLog, topic: string, place: string): void {
    const isOfClients = topic in TOPICS
    if (isOfClients && !this.journals.has(place))
      this.journals.set(place, new FuzzJournal(`${topic} ${place}`, this.ledger, this.isRemade(topic)))
    const { life } = this
    const append = log.append.bind(log)
    this.logs.set(log, { failing: false })
    log.append = (request, done) => {
      if (this.refuses(log, life, done)) return
      const isCrash = this.appends++ === this.crashAt?.append
      if (isCrash) this.isDead = true
      if (isCrash && this.crashAt?.isWritten !== true) {
        this.refuse(log, done)
        return
      }
      const entry = isOfClients ? entryOf(request) : null
      const ends = topic === '__transaction_state' ? endsOf(request.batch) : []
      append(request, (result) => {
        if (result.ok) this.ends.push(...ends)
        if (entry !== null && result.ok && !result.duplicate)
          this.attempt(() =>
            present(this.journals.get(place), 'a journal').add({ ...entry, baseOffset: result.baseOffset }),
          )
        done(result)
      })
    }
    this.fault.onLog?.(log, topic)
  }

  private refuses(log: PartitionLog, life: number, done: (result: AppendResult) => void): boolean {
    const state = present(this.logs.get(log), 'a watched log')
    const isOver = this.isDead || life !== this.life
    if (!isOver && !this.failsNextAppend && !state.failing) return false
    this.failsNextAppend = false
    this.refuse(log, done)
    return true
  }

  /** With all that comes behind it in the same moment, as when a write fails. */
  private refuse(log: PartitionLog, done: (result: AppendResult) => void): void {
    const state = present(this.logs.get(log), 'a watched log')
    state.failing = true
    queueMicrotask(() => {
      state.failing = false
      done({ ok: false, error: 'KAFKA_STORAGE_ERROR', logStartOffset: 0 as Offset })
    })
  }

  private attempt(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.fail(error)
    }
  }

  private fail(error: unknown): void {
    this.bug ??= error
  }
}

function entryOf({ batch, header }: AppendRequest) {
  const values: string[] = []
  let outcome: 'commit' | 'abort' | null = null
  for (const { key, value } of recordsOf(batch, LIMITS)) {
    if (header.isControl) outcome = readEndTransactionMarker(key, value)?.outcome ?? null
    else values.push(Buffer.from(value ?? []).toString())
  }
  assert(header.isControl === (outcome !== null), 'every control batch of clients is a marker')
  return { header: { ...header }, values, outcome }
}

function endsOf(batch: Uint8Array): DecidedEnd[] {
  return [...recordsOf(batch, LIMITS)].flatMap(({ key, value }) => {
    const record = key === null ? null : decodeTransactionStateRecord(key, value)
    if (record?.value === null || record?.value === undefined) return []
    const { transactionStatus, producerId, transactionPartitions } = record.value
    if (transactionStatus !== PREPARE_COMMIT && transactionStatus !== PREPARE_ABORT) return []
    const partitions = (transactionPartitions ?? []).flatMap(({ topic, partitionIds }) =>
      partitionIds.map((index) => `${topic}-${index}`),
    )
    return [{ producerId, committed: transactionStatus === PREPARE_COMMIT, partitions: new Set(partitions) }]
  })
}
