import { ErrorCode, Fetch, type FetchResponse, Produce } from '@odradek/protocol'
import { DataFixture } from '../data-fixture.ts'
import { batchOf, type FetchOptions, fetchRequest, produceRequest } from '../data-requests.ts'
import type { Harness } from '../harness.ts'
import { MutationQuotas } from '../quotas/mutation-quotas.ts'
import { NodeQuotas } from '../quotas/node-quotas.ts'
import { quotaTable } from '../quotas/quota-table-fixture.ts'

const WINDOW = { samples: 11, sampleMs: 1000 }
const LIMIT = 1000

let fixture: DataFixture
let client: Harness

/** 30 batches of 1 KB: three times what the quota has room for. */
beforeEach(async () => {
  fixture = new DataFixture()
  const { clock } = fixture
  const { table, set } = quotaTable()
  set({ 'client-id': 'slow' }, 'consumer_byte_rate', LIMIT)
  const mutations = new MutationQuotas({ quotas: table, window: WINDOW, clock })
  const quotas = new NodeQuotas({ quotas: table, window: WINDOW, mutations, clock })
  client = fixture.client(1, { clientId: 'slow', quotas })
  await fixture.createTopic('t')
  for (let batch = 0; batch < 30; batch++) {
    const records = batchOf(['x'.repeat(900)])
    await fixture.settle(client.send(Produce, 9, produceRequest('t', records, { index: 0 })))
  }
})

async function fetch(options: FetchOptions, version = 12): Promise<FetchResponse> {
  return (await fixture.settle(client.send(Fetch, version, fetchRequest('t', options))))!
}

const bytesOf = ({ responses }: FetchResponse) => responses[0]?.partitions[0]?.records?.length ?? 0

test.each([4, 11, 12])(
  'v%i: at most a window’s worth at once, then empty answers until it is paid',
  async (version) => {
    const first = await fetch({}, version)
    expect(bytesOf(first)).toBeGreaterThan(9 * LIMIT)
    expect(bytesOf(first)).toBeLessThanOrEqual(10 * LIMIT)
    const second = await fetch({}, version)
    expect([second.errorCode, second.responses, second.sessionId]).toEqual([ErrorCode.NONE, [], 0])
    fixture.clock.advance(11_000)
    expect(bytesOf(await fetch({}, version))).toBe(bytesOf(first))
  },
)

test('another client is not held up', async () => {
  await fetch({})
  const other = fixture.client(1, { clientId: 'other' })
  const answer = (await fixture.settle(other.send(Fetch, 12, fetchRequest('t', {}))))!
  expect(bytesOf(answer)).toBeGreaterThan(20 * LIMIT)
})

test('a session goes on over empty answers: its epoch advances, its records come later', async () => {
  const { sessionId } = await fetch({ sessionId: 0, sessionEpoch: 0 })
  expect(sessionId).toBeGreaterThan(0)
  const throttled = await fetch({ sessionId, sessionEpoch: 1 })
  expect([throttled.errorCode, throttled.sessionId, throttled.responses]).toEqual([ErrorCode.NONE, sessionId, []])
  fixture.clock.advance(11_000)
  const after = await fetch({ sessionId, sessionEpoch: 2 })
  expect([after.errorCode, after.sessionId, bytesOf(after) > 9 * LIMIT]).toEqual([ErrorCode.NONE, sessionId, true])
})

test('over the quota no session is made', async () => {
  await fetch({})
  const answer = await fetch({ sessionId: 0, sessionEpoch: 0 })
  expect([answer.errorCode, answer.sessionId, answer.responses]).toEqual([ErrorCode.NONE, 0, []])
})
