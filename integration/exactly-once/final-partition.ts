import { DescribeProducers } from '@odradek/protocol'
import type { WireClient } from '../harness/wire-client.ts'
import type { FinalLog } from './history.ts'
import { type FetchedPartition, readShown } from './read-committed.ts'

/** What has not come to its end by then never will. */
export const RESOLVED_MS_MAX = 20_000

/** What a partition has, and what holds it, when nobody writes to it any more. `client` is one of its leader. */
export async function finalPartition(client: WireClient, topic: string, index: number): Promise<FinalLog> {
  const committed = await readWhenStable(client, topic, index)
  const uncommitted = await readShown(client, topic, index, 'read_uncommitted')
  const { lastStableOffset, highWatermark } = committed
  return {
    committed: committed.records,
    uncommitted: uncommitted.records,
    lastStableOffset,
    highWatermark,
    openTransactions: await openTransactions(client, topic, index),
  }
}

async function openTransactions(client: WireClient, topic: string, partition: number): Promise<string[]> {
  const { topics } = await client.call(DescribeProducers, 0, {
    topics: [{ name: topic, partitionIndexes: [partition] }],
  })
  const producers = topics[0]?.partitions[0]?.activeProducers ?? []
  return producers
    .filter(({ currentTxnStartOffset }) => currentTxnStartOffset >= 0n)
    .map((open) => `from ${open.currentTxnStartOffset} of ${open.producerId} with epoch ${open.producerEpoch}`)
}

/** What is not stable after a while stays so, which is for the checker to say. */
async function readWhenStable(client: WireClient, topic: string, partition: number): Promise<FetchedPartition> {
  const end = performance.now() + RESOLVED_MS_MAX
  for (;;) {
    const read = await readShown(client, topic, partition, 'read_committed')
    if (read.lastStableOffset === read.highWatermark || performance.now() > end) return read
    await new Promise((resume) => setTimeout(resume, 50))
  }
}
