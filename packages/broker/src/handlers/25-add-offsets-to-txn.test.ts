import { ErrorCode } from '@odradek/protocol'
import { type Producer, TransactionFixture } from '../transaction-fixture.ts'

let fixture: TransactionFixture
let producer: Producer

beforeEach(async () => {
  fixture = new TransactionFixture()
  producer = await fixture.producer()
})

test.each([0, 1, 2, 3, 4])("v%i: the group's partition comes into the transaction", async (version) => {
  expect(await fixture.addOffsets(producer, 'g', version)).toBe(ErrorCode.NONE)
  expect(fixture.autoCreated).toEqual(['__transaction_state', '__consumer_offsets'])
  expect(await fixture.stateOf()).toBe('Ongoing')
})

test.each([
  [0, ErrorCode.INVALID_PRODUCER_EPOCH],
  [1, ErrorCode.INVALID_PRODUCER_EPOCH],
  [2, ErrorCode.PRODUCER_FENCED],
  [4, ErrorCode.PRODUCER_FENCED],
])('v%i: another epoch is %i, another id no producer', async (version, errorCode) => {
  await fixture.producer()
  expect(await fixture.addOffsets(producer, 'g', version)).toBe(errorCode)
  expect(await fixture.addOffsets({ ...producer, producerId: 1n as never }, 'g', version)).toBe(49)
})

test('rights, to the transactional id first', async () => {
  const without = (...kinds: string[]) =>
    fixture.client(1, { authorizer: { authorize: (_p, _h, _o, resource) => !kinds.includes(resource) } })
  const { TRANSACTIONAL_ID_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED } = ErrorCode
  const neither = without('TRANSACTIONAL_ID', 'GROUP')
  expect(await fixture.addOffsets(producer, 'g', 4, neither)).toBe(TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
  expect(await fixture.addOffsets(producer, 'g', 4, without('GROUP'))).toBe(GROUP_AUTHORIZATION_FAILED)
  expect(await fixture.addOffsets(producer, 'g', 4, fixture.client(2))).toBe(ErrorCode.NOT_COORDINATOR)
})

test('without a topic of offsets there is no partition to add', async () => {
  fixture.refuseCreation = true
  expect(await fixture.addOffsets(producer)).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE)
})
