import { createServer } from 'node:net'
import { nodeId, silentLogger } from '@odradek/core'
import { Listener } from '../listener.ts'
import { type HostedNode, NodeSwitch } from './node-switch.ts'

const opened: Listener[] = []
const said: string[] = []
let failure: Error | null = null

async function hosted(id: number): Promise<HostedNode> {
  const listener = await Listener.open({
    name: 'PLAINTEXT',
    securityProtocol: 'PLAINTEXT',
    loginBy: null,
    binds: [{ host: '127.0.0.1', required: true }],
    port: 0,
    advertisedHost: '127.0.0.1',
    advertisedPort: null,
  })
  opened.push(listener)
  return { id: nodeId(id), rack: 'a', listeners: [listener] }
}

/** Two nodes whose metadata and connections say what they are asked for. */
async function start(): Promise<{ nodes: HostedNode[]; nodeSwitch: NodeSwitch }> {
  const nodes = [await hosted(1), await hosted(2)]
  const change = async (what: string) => {
    if (failure !== null) throw failure
    said.push(what)
  }
  const nodeSwitch = new NodeSwitch({
    nodes,
    metadata: {
      stopNode: (id) => change(`${id} leads nothing`),
      startNode: ({ id, rack, endpoints }) => change(`${id} is up in ${rack} on ${endpoints[0]?.port}`),
    },
    connections: { closeOf: (id) => change(`clients of ${id} are gone`) },
    serve: (node, listener) => {
      opened.push(listener)
      said.push(`${node.id} serves`)
    },
    logger: silentLogger,
  })
  return { nodes, nodeSwitch }
}

beforeEach(() => {
  failure = null
  said.length = 0
})

afterEach(() => {
  for (const listener of opened.splice(0)) listener.close()
})

test('others lead before its clients are sent away, and it serves when the cluster knows that it is back', async () => {
  const { nodes, nodeSwitch } = await start()
  const port = nodes[1]?.listeners[0]?.open.port
  await Promise.all([nodeSwitch.stop(2), nodeSwitch.stop(2), nodeSwitch.start(2), nodeSwitch.start(2)])
  expect(said).toEqual(['2 leads nothing', 'clients of 2 are gone', `2 is up in a on ${port}`, '2 serves'])
  await nodeSwitch.start(1)
  expect(said).toHaveLength(4)
})

test('a node whose stop could not be recorded goes on', async () => {
  const { nodeSwitch } = await start()
  failure = new Error('the disk is gone')
  await expect(nodeSwitch.stop(1)).rejects.toThrow('the disk is gone')
  failure = null
  await nodeSwitch.stop(1)
  expect(said).toEqual(['1 leads nothing', 'clients of 1 are gone'])
})

test('a port that somebody else has taken is named, and the node can be started later', async () => {
  const { nodes, nodeSwitch } = await start()
  await nodeSwitch.stop(1)
  const port = nodes[0]?.listeners[0]?.open.port
  const other = createServer()
  await new Promise<void>((listening) => other.listen(port, '127.0.0.1', listening))
  await expect(nodeSwitch.start(1)).rejects.toThrow(`${port}: the port is in use`)
  await new Promise((closed) => other.close(closed))
  await nodeSwitch.start(1)
  expect(said.at(-1)).toBe('1 serves')
})

test('when the broker stops no node is switched any more', async () => {
  const { nodeSwitch } = await start()
  const stopping = nodeSwitch.stop(1)
  // It has begun.
  await Promise.resolve()
  await nodeSwitch.close()
  expect(said).toEqual(['1 leads nothing', 'clients of 1 are gone'])
  await stopping
  await expect(nodeSwitch.start(1)).rejects.toThrow('the broker is stopping')
  await expect(nodeSwitch.stop(3)).rejects.toThrow('the broker is stopping')
})
