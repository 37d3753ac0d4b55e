import { Fetch, type FetchResponse } from '@odradek/protocol'
import { DataFixture } from '../data-fixture.ts'
import { fetchRequest } from '../data-requests.ts'

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
