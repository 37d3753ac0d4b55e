import { ErrorCode, ListTransactions, type ListTransactionsRequestInput } from '@odradek/protocol'
import { type Producer, TransactionFixture } from '../transaction-fixture.ts'
import { PATTERN_STEPS_MAX } from '../transactions/whole-text-pattern.ts'

let fixture: TransactionFixture
let open: Producer

beforeEach(async () => {
  fixture = new TransactionFixture()
  await fixture.createTopic('t')
  open = await fixture.producer()
  await fixture.producer('idle')
  await fixture.add(open)
})

async function list(filters: Partial<ListTransactionsRequestInput> = {}, version = 2, by = fixture.by) {
  const request = { stateFilters: [], producerIdFilters: [], ...filters }
  return (await fixture.settle(by.send(ListTransactions, version, request)))!
}

const ids = async (...args: Parameters<typeof list>) =>
  (await list(...args)).transactionStates.map(({ transactionalId }) => transactionalId).sort()

test.each([0, 1, 2])('v%i: all that the node coordinates', async (version) => {
  const { transactionStates } = await list({}, version)
  expect(transactionStates).toHaveLength(2)
  expect(transactionStates).toContainEqual({
    transactionalId: 'tx',
    producerId: open.producerId,
    transactionState: 'Ongoing',
  })
  expect(await ids({}, version, fixture.client(2))).toEqual([])
})

test.each(['(a+)+$', '(a|aa)+$', '^(([a-z])+.)+[A-Z]([a-z])+$'])(
  'a pattern that would never end elsewhere, %s, ends here',
  async (transactionalIdPattern) => {
    await fixture.producer(`${'a'.repeat(5000)}!`)
    expect(await ids({ transactionalIdPattern })).toEqual([])
  },
)

test('PATTERN_STEPS_MAX: what takes too long in linear time as well is refused', async () => {
  const pattern = '(a?){100}'
  const { RE2JS } = await import('re2js')
  const charsMax = Math.floor(PATTERN_STEPS_MAX / RE2JS.compile(pattern).programSize()) - 1
  await fixture.producer('b'.repeat(charsMax))
  expect(await list({ transactionalIdPattern: pattern })).toMatchObject({ errorCode: 0, transactionStates: [] })
  await fixture.producer('b'.repeat(charsMax + 1))
  expect(await list({ transactionalIdPattern: pattern })).toMatchObject({
    errorCode: ErrorCode.INVALID_REGULAR_EXPRESSION,
    transactionStates: [],
  })
})

test('states are names in this very case, and unknown ones match nothing', async () => {
  expect(await ids({ stateFilters: ['Ongoing', 'Dead'] })).toEqual(['tx'])
  const none = await list({ stateFilters: ['ongoing', 'Dancing'] })
  expect(none).toMatchObject({ unknownStateFilters: ['ongoing', 'Dancing'], transactionStates: [], errorCode: 0 })
  expect(await list({ stateFilters: ['Dancing', 'Empty'] })).toMatchObject({
    unknownStateFilters: ['Dancing'],
    transactionStates: [{ transactionalId: 'idle' }],
  })
  expect(await list({ stateFilters: ['Dancing'] }, 0, fixture.client(2))).toMatchObject({
    unknownStateFilters: ['Dancing'],
  })
})

test('by producer id and by duration; what was never begun counts as very old', async () => {
  expect(await ids({ producerIdFilters: [open.producerId, 7n] })).toEqual(['tx'])
  fixture.clock.advance(1000)
  expect(await ids({ durationFilter: 999n }, 1)).toEqual(['idle', 'tx'])
  expect(await ids({ durationFilter: 1001n }, 1)).toEqual(['idle'])
  expect(await ids({ durationFilter: -1n }, 1)).toEqual(['idle', 'tx'])
  expect(await ids({ durationFilter: 999n, stateFilters: ['Ongoing'] }, 1)).toEqual(['tx'])
})

test.each([
  ['', ['idle', 'tx']],
  ['t', []],
  ['t.*', ['tx']],
  ['(?i)T[x-z]|id.e', ['idle', 'tx']],
  ['\\p{L}+', ['idle', 'tx']],
])('v2: the whole id fits the pattern %j', async (transactionalIdPattern, expected) => {
  expect(await ids({ transactionalIdPattern })).toEqual(expected)
})

test.each(['(', '[a', '(?=tx)', 'a**', '\\1'])('v2: %j is no pattern', async (transactionalIdPattern) => {
  expect(await list({ transactionalIdPattern })).toMatchObject({
    errorCode: ErrorCode.INVALID_REGULAR_EXPRESSION,
    transactionStates: [],
  })
})

test('v2: a pattern that stops other engines takes no time', async () => {
  await fixture.producer(`${'a'.repeat(5000)}b`)
  expect(await ids({ transactionalIdPattern: '(a*)*c' })).toEqual([])
})

test('only what may be described', async () => {
  const authorize = (_p: string, _h: string, _o: string, _r: string, name: string) => name === 'idle'
  expect(await ids({}, 2, fixture.client(1, { authorizer: { authorize } }))).toEqual(['idle'])
})
