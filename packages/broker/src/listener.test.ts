import { createServer, type Socket } from 'node:net'
import { EARLY_CONNECTIONS_MAX } from './limits.ts'
import { Listener } from './listener.ts'
import { planListeners } from './listener-config.ts'
import { RawSocketClient } from './raw-socket-client.ts'

const open: Listener[] = []
const clients: RawSocketClient[] = []

afterEach(() => {
  for (const client of clients.splice(0)) client.destroy()
  for (const listener of open.splice(0)) listener.close()
})

async function listen(listeners: string): Promise<Listener> {
  const { nodes } = planListeners({
    listeners,
    advertisedListeners: null,
    securityProtocolMap: null,
    controllerListenerNames: null,
    insecure: false,
    accessOf: () => ({ authenticates: false, loginBy: null, clearTextMechanism: null }),
    nodes: 1,
    hostname: 'here',
  })
  const listener = await Listener.open(nodes[0]![0]!)
  open.push(listener)
  return listener
}

async function connect(port: number, host: string): Promise<RawSocketClient> {
  const client = await RawSocketClient.open(port, host)
  clients.push(client)
  return client
}

test('a free port is the same on both loopback addresses', async () => {
  const listener = await listen('PLAINTEXT://:0')
  const accepted: Socket[] = []
  listener.serve((socket) => accepted.push(socket.resume()))
  const { port } = listener.open
  expect(listener.open).toEqual({
    name: 'PLAINTEXT',
    securityProtocol: 'PLAINTEXT',
    loginBy: null,
    host: '127.0.0.1',
    port,
    advertisedHost: 'localhost',
    advertisedPort: port,
  })
  await connect(port, '127.0.0.1')
  // A machine without IPv6 has no second address to connect to.
  await connect(port, '::1').catch(() => {})
  while (accepted.length < clients.length) await new Promise((resolve) => setImmediate(resolve))
  for (const socket of accepted) socket.destroy()
})

test('connections made before the broker is ready wait for it', async () => {
  const listener = await listen('PLAINTEXT://127.0.0.1:0')
  const client = await connect(listener.open.port, '127.0.0.1')
  const socket = await new Promise<Socket>((resolve) => listener.serve(resolve))
  socket.destroy()
  await client.closed()
})

test('as many as may wait are kept, and one more is turned away', async () => {
  const listener = await listen('PLAINTEXT://127.0.0.1:0')
  const { port } = listener.open
  const early = await Promise.all(Array.from({ length: EARLY_CONNECTIONS_MAX + 1 }, () => connect(port, '127.0.0.1')))
  await Promise.any(early.map((client) => client.closed()))
  expect(early.filter(({ isClosed }) => isClosed)).toHaveLength(1)
})

test('closing turns away connections that still wait, and frees the port', async () => {
  const listener = await listen('PLAINTEXT://127.0.0.1:0')
  const client = await connect(listener.open.port, '127.0.0.1')
  listener.close()
  await client.closed()
  await listen(`PLAINTEXT://127.0.0.1:${listener.open.port}`)
})

test('a port in use is named with the remedy', async () => {
  const blocker = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => blocker.once('listening', resolve))
  const address = blocker.address()
  const port = typeof address === 'object' ? address?.port : 0
  await expect(listen(`PLAINTEXT://127.0.0.1:${port}`)).rejects.toThrow(
    `listener PLAINTEXT cannot be opened on 127.0.0.1:${port}: the port is in use; stop who uses it, or choose another`,
  )
  blocker.close()
})
