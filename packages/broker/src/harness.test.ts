import { Heartbeat, Produce } from '@odradek/protocol'
import { handler } from './handler.ts'
import { harness } from './harness.ts'

const request = { groupId: 'g', generationId: 1, memberId: 'm', groupInstanceId: null }

test('a request goes through the codec both ways', async () => {
  const seen: unknown[] = []
  const heartbeat = handler(Heartbeat, [0, 4], (body, context) => {
    seen.push(body, context.clientId, context.version, context.node, context.connection.listener)
    return { throttleTimeMs: 3, errorCode: 27 }
  })
  const broker = harness([heartbeat], {}, { node: 2, clientId: 'me' })
  const response = await broker.send(Heartbeat, 4, request)
  expect(seen).toEqual([request, 'me', 4, 2, 'PLAINTEXT'])
  expect(response).toEqual({ throttleTimeMs: 3, errorCode: 27 })
})

test('a late answer arrives, buffers are released after it', async () => {
  const events: string[] = []
  const heartbeat = handler(Heartbeat, [0, 4], async (_, context) => {
    context.onSent(() => events.push('released'))
    await Promise.resolve()
    events.push('answered')
    return { errorCode: 0 }
  })
  await harness([heartbeat], {}).send(Heartbeat, 3, request)
  expect(events).toEqual(['answered', 'released'])
})

test('no response is null, a closed connection rejects with the reason', async () => {
  const produce = handler(Produce, [0, 13], (body, context) => {
    if (body.timeoutMs === 1) context.close('not the leader')
    return null
  })
  const broker = harness([produce], {})
  const body = { transactionalId: null, acks: 0, timeoutMs: 0, topicData: [] }
  expect(await broker.send(Produce, 3, body)).toBeNull()
  await expect(broker.send(Produce, 3, { ...body, timeoutMs: 1 })).rejects.toThrow('not the leader')
})

test('a handler that throws answers what it says for a bug, or closes', async () => {
  const fail = () => {
    throw new Error('a bug')
  }
  const answering = handler(Heartbeat, [0, 4], fail, { onBug: () => ({ errorCode: -1 }) })
  expect(await harness([answering], {}).send(Heartbeat, 0, request)).toEqual({ throttleTimeMs: 0, errorCode: -1 })
  const closing = handler(Heartbeat, [0, 4], () => Promise.reject(new Error('a bug')))
  await expect(harness([closing], {}).send(Heartbeat, 0, request)).rejects.toThrow('a bug')
})

test('a service that the test did not give is named', async () => {
  const heartbeat = handler(Heartbeat, [0, 4], (_, { services }) => ({ errorCode: services.cluster.nodes().length }))
  await expect(harness([heartbeat], {}).send(Heartbeat, 0, request)).rejects.toThrow('the test gave no `cluster`')
})
