import { isDeepStrictEqual } from 'node:util'
import { apis, DescribeTopicPartitions, Metadata } from './generated/apis.ts'
import { ErrorCode } from './generated/error-codes.ts'
import { packedLines } from './vectors/packed.ts'
import { VectorLine } from './vectors/vector-line.ts'
import { ProtocolError } from './wire/protocol-error.ts'
import { Reader } from './wire/reader.ts'
import { atOneGo, elementsPerTurn, type Turns } from './wire/turns.ts'
import { Writer } from './wire/writer.ts'

/** What it comes to, and in how many turns. */
function counted<Result>(work: Turns<Result>): readonly [result: Result, turns: number] {
  for (let turns = 1; ; turns++) {
    const step = work.next()
    if (step.done === true) return [step.value, turns]
  }
}

test('requests are read in turns, and responses written, as they are at one go', () => {
  let [requests, responses] = [0, 0]
  for (const packed of packedLines('messages')) {
    const line = new VectorLine(packed)
    const api = apis.find(({ key }) => key === line.number('key'))
    const version = line.number('version')
    if (line.text('kind') === 'request') {
      if (api?.readInTurns == null) continue
      const inTurns = atOneGo(api.readInTurns(new Reader(line.bytes), version))
      if (!isDeepStrictEqual(inTurns, api.request.read(new Reader(line.bytes), version))) throw new Error(line.title)
      requests += 1
    } else {
      if (api?.writeInTurns == null) continue
      const writer = new Writer()
      atOneGo(api.writeInTurns(writer, version, api.response.read(new Reader(line.bytes), version) as never))
      if (!line.bytes.equals(writer.toBytes())) throw new Error(line.title)
      responses += 1
    }
  }
  expect(Math.min(requests, responses)).toBeGreaterThan(500)
})

const TURNS = 50
const names = Array.from({ length: (TURNS - 1) * elementsPerTurn + 1 }, (_, index) => ({ name: `t-${index}` }))

function metadataRequest(): Buffer {
  const writer = new Writer()
  Metadata.request.write(writer, 12, { topics: names })
  return Buffer.from(writer.toBytes())
}

test('so many elements are read in one turn, and no more', () => {
  const [request, turns] = counted(Metadata.readInTurns!(new Reader(metadataRequest()), 12))
  expect(request.topics?.map(({ name }) => name).join()).toBe(names.map(({ name }) => name).join())
  expect(turns).toBe(TURNS)
})

test('so many elements are written in one turn, those within others too', () => {
  const partitions = Array.from({ length: (TURNS - 1) * elementsPerTurn }, (_, partitionIndex) => ({
    ...{ errorCode: ErrorCode.NONE, partitionIndex, leaderId: 1, leaderEpoch: 0, replicaNodes: [], isrNodes: [] },
    ...{ eligibleLeaderReplicas: null, lastKnownElr: null, offlineReplicas: [] },
  }))
  const topic = {
    errorCode: ErrorCode.NONE,
    name: 't',
    topicId: 'AAAAAAAAAAAAAAAAAAAAAA',
    isInternal: false,
    partitions,
  }
  const response = { topics: [{ ...topic, topicAuthorizedOperations: 0 }], nextCursor: null }
  const [whole, inTurns] = [new Writer(), new Writer()]
  DescribeTopicPartitions.response.write(whole, 0, response)
  const [, turns] = counted(DescribeTopicPartitions.writeInTurns!(inTurns, 0, response))
  expect(turns).toBe(TURNS)
  expect(Buffer.from(inTurns.toBytes()).equals(Buffer.from(whole.toBytes()))).toBe(true)
})

test('what is wrong is found when its turn has come', () => {
  const bytes = metadataRequest()
  const work = Metadata.readInTurns!(new Reader(bytes.subarray(0, bytes.length - 10)), 12)
  for (let turn = 1; turn < TURNS; turn++) expect(work.next().done).toBe(false)
  expect(() => work.next()).toThrow(ProtocolError)
})
