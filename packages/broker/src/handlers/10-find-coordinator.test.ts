import { ErrorCode, FindCoordinator } from '@odradek/protocol'
import { DataFixture } from '../data-fixture.ts'

let fixture: DataFixture

beforeEach(() => {
  fixture = new DataFixture()
})

async function ask(version: number, key: string | string[], keyType = 0, by = fixture.client()) {
  const keys = typeof key === 'string' ? { key } : { coordinatorKeys: key }
  return (await fixture.settle(by.send(FindCoordinator, version, { ...keys, keyType })))!
}

const here = { errorCode: ErrorCode.NONE, nodeId: 1, host: 'localhost', port: 9092 }
const nowhere = { nodeId: -1, host: '', port: -1 }

test.each([0, 1, 2, 3])(
  'v%i: the first use of a group makes the topic, and finds its coordinator at once',
  async (version) => {
    expect(await ask(version, 'g')).toMatchObject({
      ...here,
      errorMessage: version >= 1 ? 'NONE' : '',
      coordinators: [],
    })
    await ask(version, 'h')
    expect(fixture.autoCreated).toEqual(['__consumer_offsets'])
  },
)

test.each([4, 5, 6])('v%i: each key is answered, in order, a repeated one too', async (version) => {
  const { coordinators } = await ask(version, ['a', 'b', 'a'])
  expect(coordinators).toMatchObject(['a', 'b', 'a'].map((key) => ({ ...here, key, errorMessage: '' })))
  expect((await ask(version, [])).coordinators).toEqual([])
})

test('the endpoint is that of the listener that was asked, the node that which leads the partition', async () => {
  await fixture.createTopic('__consumer_offsets', { partitions: 5, leader: 3 })
  const docker = fixture.client(1, { listener: 'DOCKER' })
  expect(await ask(3, 'g', 0, docker)).toMatchObject({ nodeId: 3, host: 'node-3', port: 19_094 })
  expect(await ask(3, '')).toMatchObject({ errorCode: ErrorCode.NONE, nodeId: 3 })
  const unnamed = fixture.client(1, { listener: 'INTERNAL' })
  expect(await ask(3, 'g', 0, unnamed)).toMatchObject({ ...nowhere, errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE })
})

test('without a leader there is no coordinator', async () => {
  await fixture.createTopic('__consumer_offsets', { partitions: 5, leader: -1, replicas: [1] })
  expect(await ask(3, 'g')).toMatchObject({ ...nowhere, errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE })
})

test('who may not describe the group hears so, key by key', async () => {
  const authorize = (_p: string, _h: string, _o: string, _r: string, name: string) => name === 'a'
  const some = fixture.client(1, { authorizer: { authorize } })
  const { coordinators } = await ask(4, ['a', 'b'], 0, some)
  expect(coordinators).toMatchObject([here, { ...nowhere, key: 'b', errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED }])
})

test.each([1, 2, 3])('v%i: the first use of a transactional id makes its topic', async (version) => {
  expect(await ask(version, 'tx', 1)).toMatchObject({ ...here, errorMessage: 'NONE' })
  expect(fixture.autoCreated).toEqual(['__transaction_state'])
})

test('the coordinator of a transactional id leads its partition; "" has one too', async () => {
  await fixture.createTopic('__transaction_state', { partitions: 5, leader: 2 })
  expect((await ask(6, ['tx', ''], 1)).coordinators).toMatchObject([
    { key: 'tx', nodeId: 2, errorCode: ErrorCode.NONE },
    { key: '', nodeId: 2, errorCode: ErrorCode.NONE },
  ])
  await fixture.changePartitions('__transaction_state', -1)
  expect(await ask(3, 'tx', 1)).toMatchObject({ ...nowhere, errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE })
})

test('who may not describe the transactional id hears so', async () => {
  const authorize = (_p: string, _h: string, _o: string, resource: string) => resource !== 'TRANSACTIONAL_ID'
  const some = fixture.client(1, { authorizer: { authorize } })
  const refused = { ...nowhere, errorCode: ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED }
  expect(await ask(2, 'tx', 1, some)).toMatchObject(refused)
  expect((await ask(5, ['tx'], 1, some)).coordinators).toMatchObject([{ ...refused, key: 'tx' }])
})

test.each([2, 3, -1, 127])('key type %i is an invalid request', async (keyType) => {
  expect(await ask(3, 'g', keyType)).toMatchObject({ ...nowhere, errorCode: ErrorCode.INVALID_REQUEST })
  expect((await ask(6, ['g:AAAAAAAAAAAAAAAAAAAAAQ:0'], keyType)).coordinators).toMatchObject([
    { errorCode: ErrorCode.INVALID_REQUEST },
  ])
})
