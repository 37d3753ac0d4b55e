/** One load, as the generator drives it. */
export interface LoadWorkload {
  readonly name: string
  readonly kind: 'produce' | 'fetch' | 'deliver'
  readonly batchBytes: number
  /** Of the values; a batch holds as many records as go into it. */
  readonly recordBytes: number
  readonly partitions: number
  /** Of producers, or of consumers that fetch what is there; those of `deliver` are one for each partition. */
  readonly connections: number
  /** Requests in flight on each connection. */
  readonly depth: number
  readonly acks: 1 | -1
  /** Whether everybody answers only when the disk has the batch: acks=all here, `flush.messages=1` at Kafka. */
  readonly flushes: boolean
  /** Of `deliver`: records a second, and who waits for them. */
  readonly rate: number
  readonly consumers: number
  readonly windowMs: number
}

const RECORD_BYTES = 1000
const WINDOW_MS = 1500

type Shape = Partial<LoadWorkload> & Pick<LoadWorkload, 'name' | 'batchBytes'>

function workload(kind: LoadWorkload['kind'], shape: Shape): LoadWorkload {
  return {
    kind,
    recordBytes: Math.min(RECORD_BYTES, shape.batchBytes),
    partitions: 1,
    connections: 1,
    depth: 1,
    acks: 1,
    flushes: false,
    rate: 0,
    consumers: 0,
    windowMs: WINDOW_MS,
    ...shape,
  }
}

const produce = (shape: Shape): LoadWorkload => workload('produce', shape)
const produceFlushed = (shape: Shape): LoadWorkload => workload('produce', { ...shape, acks: -1, flushes: true })
const fetch = (shape: Shape): LoadWorkload => workload('fetch', shape)
const deliver = (shape: Shape & Pick<LoadWorkload, 'rate'>): LoadWorkload =>
  workload('deliver', { consumers: 1, windowMs: 6000, ...shape })

export const LOAD_WORKLOADS: readonly LoadWorkload[] = [
  produce({ name: 'produce 200 B, 100 connections', batchBytes: 200, connections: 100 }),
  produce({
    name: 'produce 200 B, 100 connections, 100 partitions',
    batchBytes: 200,
    connections: 100,
    partitions: 100,
  }),
  produce({ name: 'produce 200 B pipelined, 1 x 64', batchBytes: 200, depth: 64 }),
  produce({ name: 'produce 1 KB, 16 x 4', batchBytes: 1100, connections: 16, depth: 4 }),
  produce({ name: 'produce 1 KB, 1,000 connections', batchBytes: 1100, connections: 1000 }),
  produce({ name: 'produce 16 KB, 1 x 32', batchBytes: 16_384, depth: 32 }),
  produce({
    name: 'produce 16 KB, 10 x 4, 100 partitions',
    batchBytes: 16_384,
    connections: 10,
    depth: 4,
    partitions: 100,
  }),
  produce({ name: 'produce 100 KB, 1 x 8', batchBytes: 100_000, depth: 8 }),
  produce({
    name: 'produce 1 MB, 4 x 4, 4 partitions',
    batchBytes: 1_000_000,
    connections: 4,
    depth: 4,
    partitions: 4,
  }),
  produceFlushed({ name: 'produce 1 KB flushed, 16 producers', batchBytes: 1100, connections: 16 }),
  produceFlushed({ name: 'produce 16 KB flushed, 16 producers', batchBytes: 16_384, connections: 16 }),
  produceFlushed({ name: 'produce 200 B flushed, 100 connections', batchBytes: 200, connections: 100 }),
  produceFlushed({ name: 'produce 100 KB flushed, 16 producers', batchBytes: 100_000, connections: 16 }),
  produceFlushed({ name: 'produce 1 MB flushed, 4 producers', batchBytes: 1_000_000, connections: 4 }),
  produceFlushed({
    name: 'produce 1 KB flushed, 64 producers, 100 partitions',
    batchBytes: 1100,
    connections: 64,
    partitions: 100,
  }),
  fetch({ name: 'fetch 1 MB of 16 KB batches, 1 consumer', batchBytes: 16_384 }),
  fetch({ name: 'fetch 1 MB of 100 KB batches, 8 consumers', batchBytes: 100_000, connections: 8, partitions: 8 }),
  fetch({ name: 'fetch 1 MB of 16 KB batches, 100 consumers', batchBytes: 16_384, connections: 100, partitions: 10 }),
  fetch({ name: 'fetch 1 MB of 200 B batches, 1 consumer', batchBytes: 200 }),
  deliver({ name: 'deliver 1 KB at 500/s', batchBytes: 1100, rate: 500 }),
  deliver({ name: 'deliver 1 KB at 2,000/s', batchBytes: 1100, rate: 2000 }),
  deliver({ name: 'deliver 1 KB at 10,000/s', batchBytes: 1100, rate: 10_000 }),
  deliver({ name: 'tail 1 KB at 1,000/s, 10 consumers', batchBytes: 1100, rate: 1000, consumers: 10 }),
  deliver({ name: 'tail 1 KB at 500/s, 100 consumers', batchBytes: 1100, rate: 500, consumers: 100 }),
]
