import {
  type AddPartitionsToTxnTopic,
  type EndTxnCommand,
  type InitProducerIdCommand,
  type TransactionCommand,
  type TransactionConfig,
  type TransactionEffect,
  type TransactionResponse,
  TransactionShard,
  transactionAppendErrorCode,
  transactionErrorResponse,
  type WriteMarkersEffect,
} from '@odradek/coordinators'
import { type Clock, type Later, type Logger, type ProducerId, producerId } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { CoordinatorMachine } from '../coordinator-machine.ts'
import { NoProducerIdError } from '../metadata/producer-id-blocks.ts'
import type { LocalPartition } from '../services.ts'

export interface TransactionMachineOptions {
  readonly partition: LocalPartition
  readonly clock: Clock
  readonly logger: Logger
  readonly config: () => TransactionConfig
  /** A producer id that has never been used. @throws NoProducerIdError */
  nextProducerId(): Later<bigint>
  /** Writes a marker into each partition of the effect; answers row by row as MarkersWritten takes it. */
  writeMarkers(effect: WriteMarkersEffect): Promise<readonly AddPartitionsToTxnTopic[]>
}

/** The coordinator of the transactional ids of one partition of `__transaction_state`, while one node leads it. */
export class TransactionMachine {
  private readonly options: TransactionMachineOptions
  private readonly machine: CoordinatorMachine<TransactionCommand, TransactionResponse, TransactionEffect>
  private readonly markersUnderWay = new Set<Promise<unknown>>()

  constructor(options: TransactionMachineOptions) {
    const { partition, clock, logger, config } = options
    this.options = options
    this.machine = new CoordinatorMachine({
      what: 'transactions',
      partition,
      clock,
      logger,
      createShard: () => new TransactionShard(config, partition.view.leaderEpoch),
      errorResponse: transactionErrorResponse,
      appendErrorCode: transactionAppendErrorCode,
      onEffect: (effect) => void this.carryOut(effect),
      effectsEnded: () => this.markersEnded(),
    })
  }

  load(): Promise<void> {
    return this.machine.load()
  }

  stop(): void {
    this.machine.stop()
  }

  /** Fetches a producer id where the machine finds that one is needed. */
  async submit(command: TransactionCommand): Promise<TransactionResponse> {
    const response = await this.machine.submit(command)
    const mayWant = command.kind === 'InitProducerId' || command.kind === 'EndTxn'
    if (!mayWant || !('wantsProducerId' in response) || !response.wantsProducerId) return response
    return (await this.submitWithProducerId(command)) ?? response
  }

  private async submitWithProducerId(
    command: InitProducerIdCommand | EndTxnCommand,
  ): Promise<TransactionResponse | null> {
    const newProducerId = await this.takeProducerId()
    return newProducerId === null ? null : this.machine.submit({ ...command, newProducerId })
  }

  private async carryOut(effect: TransactionEffect): Promise<void> {
    if (effect.kind === 'WriteMarkers') {
      const topics = await this.writeMarkers(effect)
      await this.machine.submit({ ...effect, kind: 'MarkersWritten', topics })
      return
    }
    const newProducerId = await this.takeProducerId()
    // The machine asks again when it next looks for what has timed out.
    if (newProducerId !== null) await this.machine.submit({ ...effect, kind: 'AbortTimedOut', newProducerId })
  }

  private async writeMarkers(effect: WriteMarkersEffect): Promise<readonly AddPartitionsToTxnTopic[]> {
    const writing = this.options.writeMarkers(effect)
    this.markersUnderWay.add(writing)
    try {
      return await writing
    } catch (error) {
      const { transactionalId } = effect
      this.options.logger.error('markers could not be written', { transactionalId, error: String(error) })
      return effect.topics.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((partitionIndex) => ({
          partitionIndex,
          errorCode: ErrorCode.UNKNOWN_SERVER_ERROR,
        })),
      }))
    } finally {
      this.markersUnderWay.delete(writing)
    }
  }

  /** A marker of an earlier life that comes late would end the next transaction of its producer. */
  private async markersEnded(): Promise<void> {
    await Promise.allSettled(this.markersUnderWay)
  }

  private async takeProducerId(): Promise<ProducerId | null> {
    try {
      return producerId(await this.options.nextProducerId())
    } catch (error) {
      if (error instanceof NoProducerIdError) return null
      throw error
    }
  }
}
