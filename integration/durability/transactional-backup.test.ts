import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { producerId, timestamp } from '@odradek/core'
import { AddPartitionsToTxn, EndTxn, ErrorCode, Fetch, InitProducerId, Produce } from '@odradek/protocol'
import { buildBatch, readBatchHeader, recordsOf } from '@odradek/records'
import { until } from '../harness/until.ts'
import { WireClient } from '../harness/wire-client.ts'
import { backedUp, opened, restore } from './backed-up-broker.ts'
import { createdTopic } from './broker-calls.ts'

const BACKUPS = 3
const TOPICS = ['left', 'right'] as const
const TRANSACTIONAL_ID = 'both'
const FETCH_BYTES_MAX = 8 * 1024 * 1024

interface Identity {
  readonly producerId: bigint
  readonly producerEpoch: number
}

/** Also ends what the producer has left open. */
async function identity(client: WireClient): Promise<Identity> {
  const found: Identity[] = []
  await until('the producer has an id', async () => {
    const request = { transactionalId: TRANSACTIONAL_ID, transactionTimeoutMs: 60_000 }
    const answer = await client.call(InitProducerId, 4, request)
    if (answer.errorCode === ErrorCode.NONE) found.push(answer)
    return found.length > 0
  })
  return found[0]!
}

/** One transaction with a record in each topic, committed. */
async function transact(client: WireClient, own: Identity, sequence: number): Promise<void> {
  const ids = { ...own, producerId: producerId(own.producerId) }
  const topics = TOPICS.map((name) => ({ name, partitions: [0] }))
  const request = { v3AndBelowTransactionalId: TRANSACTIONAL_ID, v3AndBelowProducerId: own.producerId }
  await until('the partitions are in the transaction', async () => {
    const more = { v3AndBelowProducerEpoch: own.producerEpoch, v3AndBelowTopics: topics }
    const { resultsByTopicV3AndBelow } = await client.call(AddPartitionsToTxn, 3, { ...request, ...more })
    return resultsByTopicV3AndBelow.every(({ resultsByPartition }) =>
      resultsByPartition.every(({ partitionErrorCode }) => partitionErrorCode === ErrorCode.NONE),
    )
  })
  const value = Buffer.from(String(sequence))
  const records = buildBatch({
    ...{ ...ids, baseSequence: sequence, isTransactional: true },
    records: [{ timestamp: timestamp(BigInt(Date.now())), key: null, value }],
  })
  const topicData = TOPICS.map((name) => ({ name, partitionData: [{ index: 0, records }] }))
  const produced = await client.call(Produce, 9, {
    ...{ transactionalId: TRANSACTIONAL_ID, acks: -1, timeoutMs: 30_000, topicData },
  })
  for (const { partitionResponses } of produced.responses) expect(partitionResponses[0]!.errorCode).toBe(ErrorCode.NONE)
  const ended = await client.call(EndTxn, 3, { transactionalId: TRANSACTIONAL_ID, ...own, committed: true })
  expect(ended.errorCode).toBe(ErrorCode.NONE)
}

/** What a consumer with read_committed sees: none but the last transaction can have been aborted. */
async function committedIn(client: WireClient, topic: string): Promise<readonly number[]> {
  const values: number[] = []
  for (let next = 0; ; ) {
    const { responses } = await client.call(Fetch, 12, {
      ...{ maxWaitMs: 0, minBytes: 1, maxBytes: FETCH_BYTES_MAX, sessionId: 0, sessionEpoch: -1, isolationLevel: 1 },
      forgottenTopicsData: [],
      topics: [
        { topic, partitions: [{ partition: 0, fetchOffset: BigInt(next), partitionMaxBytes: FETCH_BYTES_MAX }] },
      ],
    })
    const row = responses[0]!.partitions[0]!
    expect([row.errorCode, row.lastStableOffset]).toEqual([ErrorCode.NONE, row.highWatermark])
    const bytes = row.records ?? new Uint8Array()
    if (bytes.length === 0) return values
    const aborted = Number(row.abortedTransactions?.[0]?.firstOffset ?? Number.MAX_SAFE_INTEGER)
    for (let at = 0; at < bytes.length; ) {
      const header = readBatchHeader(bytes, at)
      const batch = bytes.subarray(at, at + header.sizeBytes)
      if (!header.isControl && header.baseOffset < aborted) {
        for (const { value } of recordsOf(batch, { maxDecompressedBytes: FETCH_BYTES_MAX }))
          values.push(Number(Buffer.from(value ?? [])))
      }
      next = header.baseOffset + header.lastOffsetDelta + 1
      at += header.sizeBytes
    }
  }
}

test('backups between the records, the decision and the markers of transactions restore each of them whole or not', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'odradek-backup-'))
  const settings = { 'transaction.state.log.num.partitions': '1' }
  const { broker, port } = await opened(join(scratch, 'data'), settings)
  const client = await WireClient.open(port)
  for (const topic of TOPICS) await createdTopic(client, topic, 1)
  const own = await identity(client)
  let committed = 0
  let isDone = false
  const load = (async () => {
    for (; !isDone; committed++) await transact(client, own, committed)
  })()
  const taken: (readonly [backup: string, least: number, most: number])[] = []
  for (let count = 0; count < BACKUPS; count++) {
    await until('a few more', () => committed > (taken.at(-1)?.[2] ?? 0) + 5)
    const backup = join(scratch, `backup-${count}`)
    const least = committed
    await backedUp(join(scratch, 'data'), backup)
    taken.push([backup, least, committed + 1])
  }
  isDone = true
  await load
  client.close()
  await broker.stop()
  for (const [backup, least, most] of taken) {
    await restore(backup, `${backup}-restored`)
    const again = await opened(`${backup}-restored`, settings)
    const reader = await WireClient.open(again.port)
    await identity(reader)
    const [left, right] = [await committedIn(reader, 'left'), await committedIn(reader, 'right')]
    expect(left).toEqual(right)
    expect(left).toEqual(Array.from({ length: left.length }, (_, index) => index))
    expect(left.length).toBeGreaterThanOrEqual(least)
    expect(left.length).toBeLessThanOrEqual(most)
    reader.close()
    await again.broker.stop()
  }
  rmSync(scratch, { recursive: true, force: true })
}, 60_000)
