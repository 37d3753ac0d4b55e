import {
  defaultTransactionConfig,
  type ProducerIdWantedEffect,
  type TransactionCommand,
  type TransactionConfig,
  type TransactionEffect,
  type TransactionResponse,
  TransactionShard,
  transactionAppendErrorCode,
  transactionErrorResponse,
} from '@odradek/coordinators'
import { type NodeId, producerId } from '@odradek/core'
import type { BrokerSettings } from '../config/settings.ts'
import type { CoordinatorKind } from '../coordination/coordinator-machine.ts'
import { CoordinatorMachines, type CoordinatorMachinesOptions } from '../coordination/coordinator-machines.ts'
import { MachineCensus } from '../coordination/machine-census.ts'
import { NoProducerIdError } from '../metadata/producer-id-blocks.ts'
import type { ProducerIds, TransactionCoordinators } from '../services.ts'
import type { MarkerWriter } from './marker-writer.ts'
import { TRANSACTION_TOPIC } from './transaction-topic.ts'

export interface TransactionMachinesOptions extends CoordinatorMachinesOptions {
  readonly settings: BrokerSettings
  readonly producerIds: ProducerIds
  readonly markers: Pick<MarkerWriter, 'write'>
}

/** The transaction coordinators of all nodes of the process: a machine for each partition of `__transaction_state`. */
export class TransactionMachines
  extends CoordinatorMachines<TransactionCommand, TransactionResponse, TransactionEffect>
  implements TransactionCoordinators
{
  private readonly producerIds: ProducerIds

  constructor(options: TransactionMachinesOptions) {
    super(options, TRANSACTION_TOPIC, transactionKind(options))
    this.producerIds = options.producerIds
  }

  /** Where the machine finds that it needs a producer id, one is taken from the node's block. */
  override async submit(
    node: NodeId,
    transactionalId: string,
    command: TransactionCommand,
  ): Promise<TransactionResponse> {
    const response = await super.submit(node, transactionalId, command)
    if (!('newProducerId' in command && 'wantsProducerId' in response && response.wantsProducerId)) return response
    try {
      const newProducerId = producerId(await this.producerIds.next(node))
      return await super.submit(node, transactionalId, { ...command, newProducerId })
    } catch (error) {
      if (error instanceof NoProducerIdError) return response
      throw error
    }
  }
}

function transactionKind(
  options: TransactionMachinesOptions,
): CoordinatorKind<TransactionCommand, TransactionResponse, TransactionEffect> {
  const config = transactionConfig(options)
  const census = new MachineCensus<TransactionShard>()
  return {
    what: 'transactions',
    createShard: (coordinatorEpoch, index) =>
      census.add(
        index,
        new TransactionShard(
          () => config,
          coordinatorEpoch,
          () => census.size,
        ),
      ),
    dropped: () => census.clear(),
    errorResponse: transactionErrorResponse,
    appendErrorCode: transactionAppendErrorCode,
    perform: (effect, node) => {
      if (effect.kind === 'WriteMarkers') return options.markers.write(effect)
      return abortTimedOut(effect, node, options.producerIds)
    },
    isOnlyAsking: ({ kind }) => kind === 'ProducerIdWanted',
  }
}

/** Without an id there is nothing to tell: the machine looks again at what has timed out, and asks again. */
async function abortTimedOut(
  effect: ProducerIdWantedEffect,
  node: NodeId,
  producerIds: ProducerIds,
): Promise<TransactionCommand | null> {
  try {
    return { ...effect, kind: 'AbortTimedOut', newProducerId: producerId(await producerIds.next(node)) }
  } catch (error) {
    if (error instanceof NoProducerIdError) return null
    throw error
  }
}

/** Read anew at every decision, since the broker's configs may change while it runs. */
function transactionConfig({ cluster, settings }: TransactionMachinesOptions): TransactionConfig {
  return {
    ...defaultTransactionConfig,
    get transactionMaxTimeoutMs() {
      return settings.transactionMaxTimeoutMs
    },
    get transactionalIdsMax() {
      return settings.transactionalIdsMax
    },
    get transactionalIdExpirationMs() {
      return settings.transactionalIdExpirationMs
    },
    get abortTimedOutIntervalMs() {
      return settings.transactionAbortTimedOutCleanupIntervalMs
    },
    get removeExpiredIntervalMs() {
      return settings.transactionRemoveExpiredCleanupIntervalMs
    },
    get transactionVersion() {
      return cluster.features().levels.get('transaction.version') ?? 0
    },
  }
}
