import { ManualClock } from '@odradek/core'
import { DescribeGroups, DescribeTransactions, ListGroups, Metadata } from '@odradek/protocol'
import { elementsPerTurn } from '@odradek/protocol/wire'
import { handler } from './handler.ts'
import { metadata } from './handlers/03-metadata.ts'
import { listGroups } from './handlers/16-list-groups.ts'
import { harness } from './harness.ts'
import { LargeRequests } from './large-requests.ts'
import { LARGE_ANSWERS_MAX, LARGE_REQUEST_BYTES } from './limits.ts'

const clock = new ManualClock()
const events: string[] = []

/** Answers with as many groups as were asked for. */
const describeGroups = handler(
  DescribeGroups,
  [0, 6],
  ({ groups }) => {
    events.push('handled')
    if (groups[0] === 'throw') throw new Error('a bug')
    return { groups: [] }
  },
  { onBug: () => ({ groups: [] }) },
)

/** As large an answer as many elements make. */
const describeTransactions = handler(
  DescribeTransactions,
  [0, 0],
  async ({ transactionalIds }) => {
    const state = { errorCode: 0, transactionState: '', transactionTimeoutMs: 0, transactionStartTimeMs: 0n }
    const row = { ...state, producerId: 0n, producerEpoch: 0, topics: [] }
    const [transactionalId = '', count = ''] = transactionalIds
    return { transactionStates: Array.from({ length: Number(count) }, () => ({ ...row, transactionalId })) }
  },
  { isAnsweredInTurns: true },
)

const broker = harness([describeGroups, describeTransactions], { clock })

/** A request of so many bytes over all, header included; says when it was answered. */
function send(bytes: number, first = 'g') {
  const header = 2 + 2 + 4 + 2 + 'test'.length + 4 + 2 + first.length + 2
  const groups = [first, 'x'.repeat(20_000)]
  const spare = bytes - header - 20_000
  const filler = Array.from({ length: Math.floor(spare / 20_002) }, () => 'x'.repeat(20_000))
  const rest = spare - filler.length * 20_002 - 2
  const answer = broker.send(DescribeGroups, 0, { groups: [...groups, ...filler, 'x'.repeat(rest)] })
  void answer.then(() => events.push('answered'))
  return answer
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

beforeEach(() => {
  events.length = 0
})

test('a request below the limit is handled as soon as it is there', async () => {
  await send(LARGE_REQUEST_BYTES - 1)
  expect(events).toEqual(['handled', 'answered'])
})

test('one at the limit lets others have a turn before it is handled, and another before it is answered', async () => {
  const answer = send(LARGE_REQUEST_BYTES)
  await turn()
  expect(events).toEqual([])
  clock.tick()
  await turn()
  expect(events).toEqual(['handled'])
  clock.tick()
  await answer
  expect(events).toEqual(['handled', 'answered'])
})

test('a bug in it costs the client that answer only', async () => {
  const answer = send(LARGE_REQUEST_BYTES, 'throw')
  await turn()
  clock.tick()
  expect(await answer).toEqual({ throttleTimeMs: 0, groups: [] })
})

test('of those that are read in turns, only some are at work at the same time', async () => {
  const large = new LargeRequests(LARGE_REQUEST_BYTES, clock)
  const small = harness([describeGroups], { clock }, { large })
  const groups = Array.from({ length: 50_000 }, () => 'g')
  const answers = ['first', 'second'].map((name) =>
    small.send(DescribeGroups, 0, { groups }).then(() => events.push(name)),
  )
  while (!events.includes('first')) {
    clock.tick()
    await turn()
    if (events.filter((event) => event === 'handled').length > 1) break
  }
  expect(events).toEqual(['handled', 'first'])
  while (!events.includes('second')) {
    clock.tick()
    await turn()
  }
  await Promise.all(answers)
  expect(events).toEqual(['handled', 'first', 'handled', 'second'])
})

test('as many large answers are made at a time as there may be; the others follow', async () => {
  const events: string[] = []
  const wait = new Map<string, () => void>()
  const parking = handler(
    DescribeTransactions,
    [0, 0],
    async ({ transactionalIds: [id = ''] }) => {
      events.push(id)
      await new Promise<void>((resolve) => wait.set(id, resolve))
      return { transactionStates: [] }
    },
    { isAnsweredInTurns: true },
  )
  const bounded = harness([parking], { clock }, { answers: new LargeRequests(LARGE_ANSWERS_MAX, clock) })
  const ids = Array.from({ length: LARGE_ANSWERS_MAX + 1 }, (_, index) => `t${index}`)
  const answers = ids.map((id) => bounded.send(DescribeTransactions, 0, { transactionalIds: [id] }))
  await turn()
  expect(events).toEqual(ids.slice(0, LARGE_ANSWERS_MAX))
  wait.get('t3')?.()
  await turn()
  expect(events).toEqual(ids)
  for (const answer of wait.values()) answer()
  expect(await Promise.all(answers)).toHaveLength(ids.length)
})

test('of a kind with few large answers the others wait for none of them', async () => {
  const events: string[] = []
  const some = handler(
    DescribeTransactions,
    [0, 0],
    ({ transactionalIds: [id = ''] }) => {
      events.push(id)
      return { transactionStates: [] }
    },
    { isAnsweredInTurns: ({ transactionalIds: [id] }) => id === 'large' },
  )
  const answers = new LargeRequests(1, clock)
  const leave = await answers.enter(1)
  const bounded = harness([some], { clock }, { answers })
  const large = bounded.send(DescribeTransactions, 0, { transactionalIds: ['large'] })
  await bounded.send(DescribeTransactions, 0, { transactionalIds: ['small'] })
  expect(events).toEqual(['small'])
  leave()
  await large
  expect(events).toEqual(['small', 'large'])
})

test('what stands for all topics, and all groups, are among the large ones; topics by name are not', async () => {
  const answers = new LargeRequests(1, clock)
  const leave = await answers.enter(1)
  // Without services each comes to nothing, when it has its turn.
  const bounded = harness([metadata, listGroups], { clock }, { answers })
  const order: string[] = []
  const note = (name: string) => () => order.push(name)
  const large = [
    bounded.send(Metadata, 9, { topics: null }).then(note('all')),
    bounded.send(Metadata, 0, { topics: [] }).then(note('all')),
    bounded.send(ListGroups, 0, {}).then(note('groups')),
  ]
  await bounded.send(Metadata, 9, { topics: [{ name: 'a' }] }).then(note('named'))
  await turn()
  expect(order).toEqual(['named'])
  leave()
  await Promise.all(large)
  expect(order).toEqual(['named', 'all', 'all', 'groups'])
})

test.each([
  [10, 0],
  [elementsPerTurn - 1, 0],
  [10 * elementsPerTurn, 10],
])('a small request with an answer of %i elements is answered in %i turns', async (count, turns) => {
  let rows: number | null = null
  void broker.send(DescribeTransactions, 0, { transactionalIds: ['t', String(count)] }).then((answer) => {
    rows = answer?.transactionStates.length ?? null
  })
  await turn()
  for (let passed = 0; passed < turns; passed++) {
    expect(rows).toBeNull()
    clock.tick()
    await turn()
  }
  expect(rows).toBe(count)
})
