import { encodeFrame, Fetch, Produce, writeResponseHeader } from '@odradek/protocol'
import { DataFixture } from '../data-fixture.ts'
import { batchOf, fetchRequest, produceRequest } from '../data-requests.ts'
import { noQuotas, type Quotas } from '../quotas.ts'

const VERSIONS = Array.from({ length: 9 }, (_, index) => [index + 4])

test.each(VERSIONS)('v%i: what is counted is the size of the answer, but for a few bytes', async (version) => {
  const fixture = new DataFixture()
  await fixture.createTopic('topic', { partitions: 2 })
  const counted: number[] = []
  const quotas: Quotas = {
    ...noQuotas,
    isActive: true,
    fetchThrottleMs: (_principal, _clientId, bytes) => {
      counted.push(bytes)
      return 0
    },
  }
  const client = fixture.client(1, { quotas })
  await fixture.settle(client.send(Produce, 9, produceRequest('topic', batchOf(['x'.repeat(500)]), { index: 0 })))
  const answer = (await fixture.settle(client.send(Fetch, version, fetchRequest('topic', {}))))!
  const { chunks } = encodeFrame((writer) => {
    writeResponseHeader(writer, Fetch.key, version, 1)
    Fetch.response.write(writer, version, answer)
  })
  const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  expect(counted).toHaveLength(1)
  expect(Math.abs((counted[0] ?? 0) - size)).toBeLessThanOrEqual(16)
})
