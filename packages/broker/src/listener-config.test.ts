import { type ListenerSettings, planListeners } from './listener-config.ts'

const defaults: ListenerSettings = {
  listeners: 'PLAINTEXT://:9092',
  advertisedListeners: null,
  securityProtocolMap: null,
  controllerListenerNames: null,
  insecure: false,
  accessOf: () => ({ authenticates: false, loginBy: null, clearTextMechanism: null }),
  nodes: 1,
  hostname: 'mymachine',
}

const plan = (settings: Partial<ListenerSettings>) => planListeners({ ...defaults, ...settings })

/** `NAME host,host:port advertised` for each listener of each node. */
const shown = (settings: Partial<ListenerSettings>) =>
  plan(settings).nodes.map((listeners) =>
    listeners.map(
      ({ name, binds, port, advertisedHost, advertisedPort }) =>
        `${name} ${binds.map(({ host }) => host).join()}:${port} ${advertisedHost}:${advertisedPort ?? 'same'}`,
    ),
  )

test.each<[Partial<ListenerSettings>, string]>([
  [{}, 'PLAINTEXT 127.0.0.1,::1:9092 localhost:same'],
  [{ listeners: 'PLAINTEXT://localhost:0' }, 'PLAINTEXT 127.0.0.1,::1:0 localhost:same'],
  [{ listeners: 'PLAINTEXT://127.0.0.1:9092' }, 'PLAINTEXT 127.0.0.1:9092 127.0.0.1:same'],
  [{ listeners: 'PLAINTEXT://[::1]:9092' }, 'PLAINTEXT ::1:9092 ::1:same'],
  [{ insecure: true }, 'PLAINTEXT 0.0.0.0,:::9092 mymachine:same'],
  [{ insecure: true, listeners: 'PLAINTEXT://10.0.0.7:9092' }, 'PLAINTEXT 10.0.0.7:9092 10.0.0.7:same'],
  [{ insecure: true, listeners: 'PLAINTEXT://broker.lan:9092' }, 'PLAINTEXT broker.lan:9092 broker.lan:same'],
  [{ advertisedListeners: 'PLAINTEXT://b:1234' }, 'PLAINTEXT 127.0.0.1,::1:9092 b:1234'],
  [{ advertisedListeners: 'plaintext://b:0' }, 'PLAINTEXT 127.0.0.1,::1:9092 b:same'],
  [
    { insecure: true, listeners: 'PLAINTEXT://0.0.0.0:9092', advertisedListeners: 'PLAINTEXT://localhost:9092' },
    'PLAINTEXT 0.0.0.0:9092 localhost:9092',
  ],
])('%j', (settings, expected) => {
  expect(shown(settings)).toEqual([[expected]])
})

test('the listeners of the stock server.properties are opened, but for the controller', () => {
  const stock = {
    listeners: 'PLAINTEXT://:9092,CONTROLLER://:9093',
    advertisedListeners: 'PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093',
    controllerListenerNames: 'CONTROLLER',
    securityProtocolMap: 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL',
  }
  expect(shown(stock)).toEqual([['PLAINTEXT 127.0.0.1,::1:9092 localhost:9092']])
  expect(plan(stock).notOpened).toEqual(['CONTROLLER'])
})

test('every node has every listener at its port plus the index, free ports stay free', () => {
  const settings = {
    listeners: 'PLAINTEXT://:9092,INTERNAL://127.0.0.1:0',
    advertisedListeners: 'PLAINTEXT://b:2000',
    securityProtocolMap: 'PLAINTEXT:PLAINTEXT,internal:plaintext',
    nodes: 2,
  }
  expect(shown(settings)).toEqual([
    ['PLAINTEXT 127.0.0.1,::1:9092 b:2000', 'INTERNAL 127.0.0.1:0 127.0.0.1:same'],
    ['PLAINTEXT 127.0.0.1,::1:9093 b:2001', 'INTERNAL 127.0.0.1:0 127.0.0.1:same'],
  ])
})

const twoNames = { securityProtocolMap: 'A:PLAINTEXT,B:PLAINTEXT' }

test('one port may serve an IPv4 and an IPv6 address', () => {
  expect(shown({ ...twoNames, listeners: 'A://127.0.0.1:9092,B://[::1]:9092' })).toHaveLength(1)
})

test('listeners may have adjoining ports where the number of nodes allows', () => {
  expect(shown({ ...twoNames, listeners: 'A://:9092,B://:9095', nodes: 3 })).toHaveLength(3)
})

test.each<[string, Partial<ListenerSettings>, string]>([
  ['no port', { listeners: 'PLAINTEXT://localhost' }, '"PLAINTEXT://localhost" is not NAME://HOST:PORT'],
  ['a port too high', { listeners: 'PLAINTEXT://:65536' }, 'a port from 0 to 65535'],
  ['nonsense', { listeners: '9092' }, '"9092" is not NAME://HOST:PORT'],
  ['nothing', { listeners: '' }, 'names no listener for clients'],
  ['a name twice', { listeners: 'PLAINTEXT://:1,plaintext://:2' }, 'names PLAINTEXT twice'],
  ['a name without protocol', { listeners: 'A://:1' }, 'add A:PLAINTEXT to listener.security.protocol.map'],
  ['an unknown protocol', { securityProtocolMap: 'A:TLS' }, '"A:TLS" is not NAME:PROTOCOL'],
  ['a protocol twice', { securityProtocolMap: 'A:SSL,A:SSL' }, 'names A twice'],
  ['only controllers', { controllerListenerNames: 'PLAINTEXT' }, 'names no listener for clients'],
  ['an open bind', { listeners: 'PLAINTEXT://0.0.0.0:1' }, 'allow it with --insecure'],
  ['an open IPv6 bind', { listeners: 'PLAINTEXT://[::]:1' }, 'allow it with --insecure'],
  ['another address', { listeners: 'PLAINTEXT://10.1.2.3:1' }, 'allow it with --insecure'],
  [
    'nothing to advertise',
    { insecure: true, listeners: 'PLAINTEXT://0.0.0.0:1' },
    'for example PLAINTEXT://mymachine:1',
  ],
  ['an open address advertised', { advertisedListeners: 'PLAINTEXT://0.0.0.0:1' }, 'cannot connect to'],
  ['an open IPv6 address advertised', { advertisedListeners: 'PLAINTEXT://[::]:1' }, 'cannot connect to'],
  ['no host advertised', { advertisedListeners: 'PLAINTEXT://:1' }, 'cannot connect to'],
  ['another name advertised', { advertisedListeners: 'A://b:1' }, 'listeners has no A'],
  [
    'overlapping nodes',
    { ...twoNames, listeners: 'A://:9092,B://:9094', nodes: 3 },
    "port 9094 is listener B's on node 1 and listener A's on node 3",
  ],
  ['a shared port', { ...twoNames, listeners: 'A://:9092,B://:9092' }, 'port 9092 is listener'],
  ['too many nodes', { listeners: 'PLAINTEXT://:65535', nodes: 2 }, 'leaves no room for 2 nodes'],
])('%s is refused', (_, settings, message) => {
  expect(() => plan(settings)).toThrow(message)
})

test.each<[boolean, string | null, string | null]>([
  [false, null, 'asks for no authentication'],
  [true, null, null],
  [true, 'PLAIN', 'PLAIN sends secrets in clear text'],
])(
  'authentication %s, with %s in clear text, on an address of the network: %s',
  (authenticates, mechanism, refusal) => {
    const settings = {
      listeners: 'SASL_PLAINTEXT://10.0.0.7:9092',
      accessOf: () => ({ authenticates, loginBy: null, clearTextMechanism: mechanism }),
    }
    if (refusal === null) expect(shown(settings)).toEqual([['SASL_PLAINTEXT 10.0.0.7:9092 10.0.0.7:same']])
    else expect(() => plan(settings)).toThrow(refusal)
    expect(() => plan({ ...settings, insecure: true })).not.toThrow()
    expect(() => plan({ ...settings, listeners: 'SASL_PLAINTEXT://localhost:9092' })).not.toThrow()
  },
)
