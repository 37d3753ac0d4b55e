import { Fetch, type FetchResponse, Produce } from '@odradek/protocol'
import { DataFixture } from '../data-fixture.ts'
import { batchOf, fetchRequest, produceRequest } from '../data-requests.ts'
import { READ_BYTES_PER_TURN } from './fetch-turns.ts'

test.each([
  [15, false],
  [16, true],
])(
  'with %i elements, a fetch that waits while memory for requests is short is answered at once: %s',
  async (count, isAnswered) => {
    const ends: (() => void)[] = []
    const waitWhileThereIsRoom = (end: () => void) => {
      ends.push(end)
      return () => {}
    }
    const fixture = new DataFixture()
    await fixture.createTopic('t', { partitions: 3 })
    const by = fixture.client(1, { waitWhileThereIsRoom })
    const partitions = Array.from({ length: count - 1 }, (_, index) => index % 3)
    let answer: FetchResponse | null = null
    void by.send(Fetch, 4, fetchRequest('t', { partitions, maxWaitMs: 2 ** 31 - 1 })).then((given) => {
      answer = given
    })
    await fixture.turn()
    expect(answer).toBeNull()
    for (const end of ends) end()
    await fixture.turn()
    expect(answer !== null).toBe(isAnswered)
  },
)

test('a fetch whose client goes away while it is read does not wait for more', async () => {
  const fixture = new DataFixture()
  await fixture.createTopic('t', { partitions: 1 })
  await fixture.settle(fixture.client().send(Produce, 9, produceRequest('t', batchOf(['1']))))
  fixture.fetchTurns.note(READ_BYTES_PER_TURN)
  const by = fixture.client()
  let isOver = false
  void by.send(Fetch, 4, fetchRequest('t', { minBytes: 1_000_000, maxWaitMs: 2 ** 31 - 1 })).then(() => {
    isOver = true
  })
  by.disconnect()
  await fixture.turn()
  await fixture.turn()
  expect(isOver).toBe(true)
  expect(fixture.fetchMemory.heldBytes).toBe(0)
})
