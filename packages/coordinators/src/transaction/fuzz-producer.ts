import { NO_PRODUCER_ID } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import type {
  EndTxnCommand,
  EndTxnResult,
  InitProducerIdResult,
  TransactionCommand,
  TransactionResponse,
} from './commands.ts'
import type { FuzzWorld } from './fuzz-world.ts'
import { NO_PRODUCER_EPOCH } from './transaction.ts'

type Phase = 'new' | 'ready' | 'open'

const PARTITIONS = 6

const RETRIABLE: readonly ErrorCode[] = [
  ErrorCode.CONCURRENT_TRANSACTIONS,
  ErrorCode.NOT_COORDINATOR,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.UNKNOWN_SERVER_ERROR,
]

/** A producer that does what producers do, and does not know when another with its transactional id has taken over. */
export class FuzzProducer {
  /** Of the process that holds the producer id: another one after every restart. */
  instance: string
  private readonly world: FuzzWorld
  private readonly name: string
  private readonly transactionalId: string
  private readonly isBumping: boolean
  private lives = 0
  private phase: Phase = 'new'
  private isWaiting = false
  private retry: (() => void) | null = null
  private producerId = NO_PRODUCER_ID
  private producerEpoch = NO_PRODUCER_EPOCH
  private transactions = 0
  private partitions = new Set<number>()
  private lastEnd: EndTxnCommand | null = null

  /** `isBumping`: a client of version 2 of transactions. */
  constructor(world: FuzzWorld, name: string, transactionalId: string, isBumping: boolean) {
    this.world = world
    this.name = name
    this.instance = `${name}.0`
    this.transactionalId = transactionalId
    this.isBumping = isBumping
  }

  step(): void {
    const dice = this.world.prng.below(100)
    if (this.isBumping && dice < 5 && this.lastEnd !== null) this.world.sendLate(this.lastEnd)
    if (this.isWaiting) return
    if (this.retry !== null) this.again(this.retry)
    else if (this.phase === 'new') this.init(false)
    else if (dice < 7) this.die()
    else if (dice < 12) this.init(true)
    else if (this.phase === 'ready') this.begin(dice)
    else this.work(dice)
  }

  private begin(dice: number): void {
    if (this.isBumping && dice < 18) this.end(false)
    else this.add()
  }

  private work(dice: number): void {
    if (dice < 40) this.add()
    else if (dice < 65) this.write()
    else this.end(dice < 85)
  }

  private again(retry: () => void): void {
    this.retry = null
    retry()
  }

  private die(): void {
    this.instance = `${this.name}.${++this.lives}`
    this.phase = 'new'
    this.retry = null
    this.lastEnd = null
  }

  private get transactionName(): string {
    return `${this.instance} ${this.transactions}`
  }

  private init(isHolding: boolean): void {
    this.send(
      {
        kind: 'InitProducerId',
        transactionalId: this.transactionalId,
        transactionTimeoutMs: 1 + this.world.prng.below(60_000),
        producerId: isHolding ? this.producerId : NO_PRODUCER_ID,
        producerEpoch: isHolding ? this.producerEpoch : NO_PRODUCER_EPOCH,
        newProducerId: null,
        knowsProducerFenced: true,
      },
      (response) => {
        if (response.kind === 'InitProducerId') this.goOn(response)
      },
    )
  }

  private goOn({ producerId, producerEpoch }: InitProducerIdResult | EndTxnResult): void {
    this.producerId = producerId
    this.producerEpoch = producerEpoch
    this.phase = 'ready'
    this.transactions++
    this.partitions = new Set()
  }

  private add(): void {
    const partition = this.world.prng.below(PARTITIONS)
    const { transactionalId, producerId, producerEpoch } = this
    this.send(
      {
        kind: 'AddPartitionsToTxn',
        transactionalId,
        producerId,
        producerEpoch,
        topics: [{ name: 't', partitionIndexes: [partition] }],
        verifyOnly: false,
        clientTransactionVersion: this.isBumping ? 2 : 0,
        knowsProducerFenced: true,
      },
      () => {
        this.phase = 'open'
        this.partitions.add(partition)
        this.write()
      },
    )
  }

  private write(): void {
    for (const partition of this.partitions) {
      this.world.partitions.write(partition, this.producerId, this.producerEpoch, this.transactionName)
    }
  }

  private end(committed: boolean): void {
    const { transactionalId, producerId, producerEpoch } = this
    const command: EndTxnCommand = {
      kind: 'EndTxn',
      transactionalId,
      producerId,
      producerEpoch,
      committed,
      newProducerId: null,
      clientTransactionVersion: this.isBumping ? 2 : 0,
      knowsProducerFenced: true,
    }
    this.send(command, (response) => {
      this.world.partitions.ended(this.transactionName, committed)
      this.lastEnd = command
      if (response.kind === 'EndTxn' && this.isBumping) this.goOn(response)
      else this.goOn({ kind: 'EndTxn', errorCode: ErrorCode.NONE, producerId, producerEpoch, wantsProducerId: false })
    })
  }

  /** Sends again until there is an answer that says something; what is no success ends this life. */
  private send(command: TransactionCommand, then: (response: TransactionResponse) => void): void {
    this.isWaiting = true
    this.world.submit(this.instance, command, (response) => {
      this.isWaiting = false
      if (RETRIABLE.includes(response.errorCode)) this.retry = () => this.send(command, then)
      else if (response.errorCode === ErrorCode.NONE) then(response)
      else this.die()
    })
  }
}
