import { ErrorCode, InitProducerId } from '@odradek/protocol'
import { DataFixture } from '../data-fixture.ts'
import { type Harness, harness } from '../harness.ts'
import { NoProducerIdError } from '../metadata/producer-id-blocks.ts'
import { initProducerId } from './22-init-producer-id.ts'

const fixture = new DataFixture()

async function ask(transactionalId: string | null, version = 5, by: Harness = fixture.client(), rest = {}) {
  return by.send(InitProducerId, version, { transactionalId, transactionTimeoutMs: 60_000, ...rest })
}

test.each([0, 1, 2, 3, 4, 5])('v%i: a new id each time, epoch 0', async (version) => {
  const first = await ask(null, version)
  const second = await ask(null, version)
  expect(first).toMatchObject({ errorCode: ErrorCode.NONE, producerEpoch: 0 })
  expect(second!.producerId).toBe(first!.producerId + 1n)
})

test('time-out, id and epoch of the request do not matter', async () => {
  const answer = await ask(null, 4, fixture.client(), { transactionTimeoutMs: -1, producerId: 7n, producerEpoch: 3 })
  expect(answer).toMatchObject({ errorCode: ErrorCode.NONE, producerEpoch: 0 })
  expect(answer?.producerId).not.toBe(7n)
})

test.each([[{ producerId: 7n, producerEpoch: -1 }], [{ producerId: -1n, producerEpoch: 3 }]])(
  '%j: an id and an epoch go together',
  async (rest) => {
    expect(await ask(null, 3, fixture.client(), rest)).toMatchObject({ errorCode: ErrorCode.INVALID_REQUEST })
  },
)

test('nobody may use a transactional id yet, and an empty one is invalid', async () => {
  const none = { producerId: -1n, producerEpoch: -1 }
  expect(await ask('tx')).toMatchObject({ ...none, errorCode: ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED })
  expect(await ask('')).toMatchObject({ ...none, errorCode: ErrorCode.INVALID_REQUEST })
})

test('the right to write one topic is enough', async () => {
  await fixture.createTopic('mine')
  const writer = (name: string) =>
    fixture.client(1, {
      authorizer: { authorize: (_p, _h, operation, _r, resource) => operation === 'WRITE' && resource === name },
    })
  expect(await ask(null, 5, writer('mine'))).toMatchObject({ errorCode: ErrorCode.NONE })
  expect(await ask(null, 5, writer('other'))).toMatchObject({
    errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
    producerId: -1n,
  })
})

test('while no ids can be recorded as given away, the client is to try again', async () => {
  const producerIds = { next: () => Promise.reject(new NoProducerIdError('the disk is full')) }
  const client = harness([initProducerId], { producerIds })
  expect(await ask(null, 5, client)).toMatchObject({
    errorCode: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
    producerId: -1n,
  })
})

test('version 6 is not final in Kafka 4.4, and not served', async () => {
  await expect(ask(null, 6)).rejects.toThrow('version 6 is not served')
})
