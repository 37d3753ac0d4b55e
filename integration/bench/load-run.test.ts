import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ZERO_TOPIC_ID } from '@odradek/core'
import { ErrorCode, encodeFrame, Fetch, FrameSplitter, Produce, ResponseHeader } from '@odradek/protocol'
import { testUnless } from '../durability/optional-test.ts'
import { nativeFault } from './compile.ts'
import { type LoadFigures, type LoadMode, runLoad } from './load-run.ts'
import { LOAD_WORKLOADS, type LoadWorkload } from './load-workload.ts'
import { packRequests } from './packed-requests.ts'

// A broker that answers as it is told shows that the generator believes nobody.

const TOPIC = 'believed'
const MS_MAX = 30_000
const FAULT = nativeFault()
const directory = mkdtempSync(join(tmpdir(), 'odradek-load-'))
const servers: Server[] = []
afterAll(() => {
  for (const server of servers) server.close()
  rmSync(directory, { recursive: true })
})

/** Answers request number n (from 0) of a connection; null closes it. */
type Answering = (number: number, correlationId: number) => Uint8Array | null

function brokerThat(answer: Answering): Promise<number> {
  const server = createServer((socket: Socket) => {
    let number = 0
    const splitter = new FrameSplitter(2 ** 24)
    socket.on('error', () => {})
    socket.on('data', (chunk) =>
      splitter.push(chunk, (frame) => {
        const bytes = answer(number++, Buffer.from(frame).readInt32BE(4))
        if (bytes === null) socket.destroy()
        else socket.write(bytes)
      }),
    )
  })
  servers.push(server)
  return new Promise((listening) => {
    server.listen(0, '127.0.0.1', () => listening((server.address() as AddressInfo).port))
  })
}

function produceAnswer(correlationId: number, errorCode: number): Uint8Array {
  const { chunks } = encodeFrame((writer) => {
    ResponseHeader.write(writer, 0, { correlationId })
    const stored = { baseOffset: 0n, logAppendTimeMs: -1n, logStartOffset: 0n, recordErrors: [], errorMessage: null }
    const partitionResponses = [{ index: 0, errorCode, ...stored }]
    Produce.response.write(writer, 7, {
      responses: [{ name: TOPIC, topicId: ZERO_TOPIC_ID, partitionResponses }],
      throttleTimeMs: 0,
    })
  })
  return Buffer.concat(chunks)
}

function fetchAnswer(correlationId: number, errorCode: number, records: Uint8Array | null): Uint8Array {
  const { chunks } = encodeFrame((writer) => {
    ResponseHeader.write(writer, 0, { correlationId })
    const offsets = { highWatermark: 9n, lastStableOffset: 9n, logStartOffset: 0n }
    const rest = { abortedTransactions: null, preferredReadReplica: -1, records }
    const partitions = [{ partitionIndex: 0, errorCode, ...offsets, ...rest }]
    Fetch.response.write(writer, 11, {
      errorCode: 0,
      sessionId: 0,
      responses: [{ topic: TOPIC, topicId: ZERO_TOPIC_ID, partitions }],
    })
  })
  return Buffer.concat(chunks)
}

function workload(kind: LoadWorkload['kind']): LoadWorkload {
  const found = LOAD_WORKLOADS.find((one) => one.kind === kind)
  if (found === undefined) throw new Error(`no workload of kind ${kind}`)
  return { ...found, connections: 2, depth: 1 }
}

async function drive(mode: LoadMode, answer: Answering): Promise<LoadFigures> {
  const { options } = packRequests(workload(mode === 'fetch' ? 'fetch' : 'produce'), TOPIC, directory)
  const port = await brokerThat(answer)
  return runLoad(mode, { ...options, port, warmUpMs: 0, windowMs: 100, endOffset: mode === 'fetch' ? 1_000_000 : 0 })
}

testUnless(
  FAULT,
  'answers without an error are counted',
  async () => {
    const figures = await drive('produce', (_, id) => produceAnswer(id, ErrorCode.NONE))
    expect(figures.requests).toBeGreaterThan(0)
    expect(figures.bytes % figures.requests).toBe(0)
    expect(figures.latency?.count).toBe(figures.requests)
  },
  MS_MAX,
)

testUnless(
  FAULT,
  'an error code in one answer of a produce fails the run',
  async () => {
    const failing = drive('produce', (number, id) =>
      produceAnswer(id, number === 20 ? ErrorCode.NOT_LEADER_OR_FOLLOWER : ErrorCode.NONE),
    )
    await expect(failing).rejects.toThrow('a request was answered with error code 6')
  },
  MS_MAX,
)

testUnless(
  FAULT,
  'an error code in one answer of a fetch fails the run',
  async () => {
    const failing = drive('fetch', (_, id) => fetchAnswer(id, ErrorCode.OFFSET_OUT_OF_RANGE, null))
    await expect(failing).rejects.toThrow('fetch from offset 0 was answered with error code 1')
  },
  MS_MAX,
)

testUnless(
  FAULT,
  'a fetch that brings nothing where records are fails the run',
  async () => {
    await expect(drive('fetch', (_, id) => fetchAnswer(id, ErrorCode.NONE, null))).rejects.toThrow(
      'nothing at offset 0',
    )
  },
  MS_MAX,
)

testUnless(
  FAULT,
  'a fetch that brings other bytes than were asked for fails the run',
  async () => {
    const failing = drive('fetch', (_, id) => fetchAnswer(id, ErrorCode.NONE, Buffer.alloc(20_000)))
    await expect(failing).rejects.toThrow(/wanted a batch of \d+ bytes at offset 0, got 12 bytes at 0/)
  },
  MS_MAX,
)

testUnless(
  FAULT,
  'an answer to another request fails the run',
  async () => {
    const failing = drive('produce', (_, id) => produceAnswer(id + 1, ErrorCode.NONE))
    await expect(failing).rejects.toThrow('answer 1 where 0 was next')
  },
  MS_MAX,
)

testUnless(
  FAULT,
  'a connection that the broker closes fails the run',
  async () => {
    await expect(drive('produce', (number, id) => (number === 5 ? null : produceAnswer(id, 0)))).rejects.toThrow(
      'was closed by the broker',
    )
  },
  MS_MAX,
)
