import { timestamp } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { buildBatch } from '@odradek/records'
import { createdTopic, produce } from '../durability/broker-calls.ts'
import { until } from '../harness/until.ts'
import { WireClient } from '../harness/wire-client.ts'
import { libraries } from '../kafka-reference/libraries.ts'
import type { BrokerUnderTest } from './broker-under-test.ts'
import { readShown } from './read-committed.ts'
import { mustContain, outputOf } from './tool-process.ts'
import { addPartitions, type Identity, initProducerId, produceBatch } from './transaction-calls.ts'
import { TransactionClient } from './transaction-client.ts'

const TOPIC = 'watched'
const OPEN_ID = 'open-one'
const LOST_ID = 'lost-one'
const TIMEOUT_MS = 600_000
/** Longer ago than any transaction may be open. */
const LONG_AGO_MS = 3_600_000

const PROGRAM = 'org.apache.kafka.tools.TransactionsCommand'

/** Otherwise nothing can be written that the coordinator does not know of. (KIP-890) */
export const TRANSACTIONS_COMMAND_SETTINGS = {
  'transaction.partition.verification.enable': 'false',
}

async function openedTransaction(
  port: number,
  transactionalId: string,
  partition: number,
  isAdded: boolean,
): Promise<Identity> {
  const client = new TransactionClient(port, transactionalId, 'nobody')
  const identity = await client.ask('InitProducerId', (wire) => initProducerId(wire, 4, transactionalId, TIMEOUT_MS))
  if (isAdded)
    await client.ask('AddPartitionsToTxn', (wire) =>
      addPartitions(wire, 3, transactionalId, identity, TOPIC, [partition]),
    )
  const records = [
    { timestamp: timestamp(BigInt(Date.now() - LONG_AGO_MS)), key: null, value: Buffer.from(transactionalId) },
  ]
  const { producerId, producerEpoch } = identity
  const batch = buildBatch({ records, producerId, producerEpoch, baseSequence: 0, isTransactional: true })
  const { errorCode } = await client.ask('Produce', (wire) =>
    produceBatch(wire, 9, transactionalId, TOPIC, partition, batch),
  )
  if (errorCode !== ErrorCode.NONE) throw new Error(`the transaction could not be opened: error ${errorCode}`)
  client.close()
  return identity
}

/** kafka-transactions.sh: what is open, who has it open, which of it nobody will ever end, and its end. */
export async function transactionsCommand(broker: BrokerUnderTest): Promise<void> {
  const classPath = libraries('kafka-tools')
  const tool = (...command: readonly string[]) =>
    outputOf(classPath, [PROGRAM, '--bootstrap-server', `127.0.0.1:${broker.port}`, ...command])
  const client = await WireClient.open(broker.port)
  await createdTopic(client, TOPIC, 2)
  await openedTransaction(broker.port, OPEN_ID, 0, true)
  // The partition is in no transaction that a coordinator knows of, as after the loss of its log.
  const lost = await openedTransaction(broker.port, LOST_ID, 1, false)

  mustContain(await tool('list'), [
    'TransactionalId',
    new RegExp(`${OPEN_ID}\\s.*Ongoing`),
    new RegExp(`${LOST_ID}\\s.*Empty`),
  ])
  mustContain(await tool('describe', '--transactional-id', OPEN_ID), [`${TOPIC}-0`, 'Ongoing', String(TIMEOUT_MS)])
  const producers = await tool('describe-producers', '--topic', TOPIC, '--partition', '1')
  mustContain(producers, [
    'CurrentTransactionStartOffset',
    new RegExp(`^${lost.producerId}\\s+${lost.producerEpoch}\\s`, 'm'),
  ])
  const hanging = await tool('find-hanging', '--broker-id', '1')
  mustContain(hanging, [new RegExp(`^${TOPIC}\\s+1\\s+${lost.producerId}\\s`, 'm')])
  if (new RegExp(`^${TOPIC}\\s+0\\s`, 'm').test(hanging))
    throw new Error(`an open transaction was taken for lost: ${hanging}`)

  await produce(
    client,
    TOPIC,
    1,
    buildBatch({ records: [{ timestamp: timestamp(0n), key: null, value: Buffer.from('plain') }] }),
  )
  await shows(client, 1, [])
  await tool('abort', '--topic', TOPIC, '--partition', '1', '--start-offset', '0')
  await shows(client, 1, ['plain'])
  const afterwards = await tool('find-hanging', '--broker-id', '1')
  if (new RegExp(`^${TOPIC}\\s`, 'm').test(afterwards)) throw new Error(`still hanging: ${afterwards}`)
  await tool('forceTerminateTransaction', '--transactionalId', OPEN_ID)
  await until('the transaction is ended', async () => {
    const { lastStableOffset, highWatermark } = await readShown(client, TOPIC, 0, 'read_committed')
    return lastStableOffset === highWatermark
  })
  await shows(client, 0, [])
  client.close()
}

async function shows(client: WireClient, partition: number, values: readonly string[]): Promise<void> {
  let seen = ''
  const expected = values.join()
  try {
    await until(`${TOPIC}-${partition} shows ${expected}`, async () => {
      const { records } = await readShown(client, TOPIC, partition, 'read_committed')
      seen = records.map(({ value }) => value).join()
      return seen === expected
    })
  } catch (error) {
    throw new Error(`${TOPIC}-${partition} shows ${seen}, not ${expected}`, { cause: error })
  }
}
