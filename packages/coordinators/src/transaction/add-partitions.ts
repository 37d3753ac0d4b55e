import { assert } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import type {
  AddOffsetsToTxnCommand,
  AddOffsetsToTxnResult,
  AddPartitionsToTxnCommand,
  AddPartitionsToTxnResult,
} from './commands.ts'
import { addPartitionsResult, fencedCode } from './errors.ts'
import { includesAll, including } from './partitions.ts'
import { isPrepared, type Transaction, withPartitions } from './transaction.ts'
import type { TransactionStore } from './transaction-store.ts'
import type { Turn } from './turn.ts'
import { isRecordable, writeTransaction } from './write-transaction.ts'

const OFFSETS_TOPIC = '__consumer_offsets'

export function addPartitions(
  store: TransactionStore,
  command: AddPartitionsToTxnCommand,
  turn: Turn,
): AddPartitionsToTxnResult {
  const { transactionalId, topics } = command
  const transaction = store.get(transactionalId)
  const errorCode = checkProducer(transaction, command)
  if (transaction === undefined || errorCode !== ErrorCode.NONE) return addPartitionsResult(topics, errorCode)
  if (command.verifyOnly) return verify(transaction, command)
  return addPartitionsResult(topics, add(store, transaction, command, turn))
}

export function addOffsets(
  store: TransactionStore,
  command: AddOffsetsToTxnCommand,
  turn: Turn,
): AddOffsetsToTxnResult {
  const { kind, offsetsPartitionIndex, ...rest } = command
  const { errorCode } = addPartitions(
    store,
    {
      ...rest,
      kind: 'AddPartitionsToTxn',
      topics: [{ name: OFFSETS_TOPIC, partitionIndexes: [offsetsPartitionIndex] }],
      verifyOnly: false,
      clientTransactionVersion: 0,
    },
    turn,
  )
  return { kind, errorCode }
}

function checkProducer(transaction: Transaction | undefined, command: AddPartitionsToTxnCommand): ErrorCode {
  if (command.transactionalId === '') return ErrorCode.INVALID_REQUEST
  if (transaction === undefined || transaction.producerId !== command.producerId) {
    return ErrorCode.INVALID_PRODUCER_ID_MAPPING
  }
  if (transaction.producerEpoch !== command.producerEpoch) return fencedCode(command)
  return isPrepared(transaction.state) ? ErrorCode.CONCURRENT_TRANSACTIONS : ErrorCode.NONE
}

function verify({ partitions }: Transaction, { topics }: AddPartitionsToTxnCommand): AddPartitionsToTxnResult {
  return {
    kind: 'AddPartitionsToTxn',
    errorCode: ErrorCode.NONE,
    topics: topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => ({
        partitionIndex,
        errorCode:
          partitions.get(name)?.has(partitionIndex) === true ? ErrorCode.NONE : ErrorCode.TRANSACTION_ABORTABLE,
      })),
    })),
  }
}

function add(
  store: TransactionStore,
  transaction: Transaction,
  command: AddPartitionsToTxnCommand,
  turn: Turn,
): ErrorCode {
  const { transactionalId, topics, clientTransactionVersion } = command
  if (transaction.state === 'Ongoing' && includesAll(transaction.partitions, topics)) return ErrorCode.NONE
  const partitions = including(transaction.partitions, topics)
  const after = withPartitions(transaction, partitions, clientTransactionVersion, turn.nowMs)
  // Refused before it reaches the log: what fails there takes the whole machine with it.
  if (!isRecordable(transactionalId, after, turn)) return ErrorCode.UNKNOWN_SERVER_ERROR
  const hasRoom = writeTransaction(store, transactionalId, [after], turn)
  assert(hasRoom, 'what is recordable has room')
  return ErrorCode.NONE
}
