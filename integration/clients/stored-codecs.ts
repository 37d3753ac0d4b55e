import { Fetch, Metadata } from '@odradek/protocol'
import { BATCH_HEADER_BYTES, readBatchHeader } from '@odradek/records'
import { WireClient } from '../harness/wire-client.ts'

/** By the number that stands in a batch. */
const CODECS: readonly string[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
const FETCH_BYTES_MAX = 50_000_000

/**
 * The codecs of the batches that a topic has. Clients that do not like the versions of Produce that a broker lists send without
 * compression, and say nothing.
 */
export async function storedCodecs(bootstrap: string, topic: string): Promise<ReadonlySet<string>> {
  const client = await WireClient.open(Number(bootstrap.split(':').at(-1)))
  try {
    const asked = { topics: [{ name: topic }], allowAutoTopicCreation: false }
    const partitions = (await client.call(Metadata, 9, asked)).topics.flatMap((each) => each.partitions)
    const codecs = new Set<string>()
    for (const { partitionIndex } of partitions)
      for (let at = 0n, end = 1n; at < end; ) {
        const row = await fetched(client, topic, partitionIndex, at)
        end = row.highWatermark
        if (row.records.length === 0) break
        for (const { baseOffset, lastOffsetDelta, codec } of headersIn(row.records)) {
          codecs.add(CODECS[codec] ?? String(codec))
          at = BigInt(baseOffset + lastOffsetDelta) + 1n
        }
      }
    return codecs
  } finally {
    client.close()
  }
}

async function fetched(client: WireClient, topic: string, partition: number, fetchOffset: bigint) {
  const partitions = [{ partition, fetchOffset, partitionMaxBytes: FETCH_BYTES_MAX }]
  const request = { maxWaitMs: 0, minBytes: 0, maxBytes: FETCH_BYTES_MAX, forgottenTopicsData: [] }
  const { responses } = await client.call(Fetch, 11, { ...request, topics: [{ topic, partitions }] })
  const row = responses[0]?.partitions[0]
  if (row === undefined || row.errorCode !== 0) throw new Error(`${topic} ${partition}: error ${row?.errorCode}`)
  return { highWatermark: row.highWatermark, records: row.records ?? new Uint8Array(0) }
}

/** A real Kafka may cut the last one off. */
export function* headersIn(records: Uint8Array) {
  for (let at = 0; records.length - at >= BATCH_HEADER_BYTES; ) {
    const header = readBatchHeader(records, at)
    if (at + header.sizeBytes > records.length) return
    yield header
    at += header.sizeBytes
  }
}
