import { banner, hostPort } from './banner.ts'

const facts = {
  version: '0.1.0',
  clusterId: 'MkU3OEVBNTcwNTJENDM2Qg',
  nodes: [
    { id: 1, listeners: [{ name: 'PLAINTEXT', host: 'localhost', port: 9092, isEncrypted: false, loginBy: null }] },
  ],
  dataDirectories: ['/home/k/.odradek'],
  memoryBytes: 0,
  flush: 'device',
  http: null,
  openToOthers: false,
} as const

test('the banner says where, what is kept, how safe and for whom', () => {
  expect(banner(facts)).toBe(
    `odradek 0.1.0, cluster MkU3OEVBNTcwNTJENDM2Qg
  node 1      localhost:9092 (PLAINTEXT)
  data        /home/k/.odradek
  durability  acks=all is answered when the disk has it: survives a power cut
  security    this machine only; nobody logs in, everyone may do everything
`,
  )
})

test('several nodes have a line each, with all their listeners', () => {
  const nodes = [1, 2].map((id) => ({
    id,
    listeners: [
      { name: 'HOST', host: 'localhost', port: 9091 + id, isEncrypted: false, loginBy: null },
      { name: 'NETWORK', host: '::1', port: 19_091 + id, isEncrypted: false, loginBy: null },
    ],
  }))
  expect(
    banner({ ...facts, nodes })
      .split('\n')
      .slice(1, 3),
  ).toEqual([
    '  node 1      localhost:9092 (HOST), [::1]:19092 (NETWORK)',
    '  node 2      localhost:9093 (HOST), [::1]:19093 (NETWORK)',
  ])
})

test('what is weaker than the default is said', () => {
  expect(banner({ ...facts, dataDirectories: null, memoryBytes: 3 * 2 ** 30 })).toMatch(
    /memory only \(up to 3072 MiB\)[\s\S]*nothing survives/,
  )
  expect(banner({ ...facts, flush: 'os' })).toContain('NOT a power cut')
  expect(banner({ ...facts, openToOthers: true })).toContain('INSECURE')
})

test('where metrics are is said, if anywhere', () => {
  expect(banner({ ...facts, http: { host: '127.0.0.1', port: 9644 } })).toMatch(
    /metrics +http:\/\/127\.0\.0\.1:9644\/metrics/,
  )
})

test('an IPv6 address stands in brackets', () => {
  expect([hostPort('::1', 1), hostPort('a.b', 2)]).toEqual(['[::1]:1', 'a.b:2'])
})

test('a listener with TLS or a login says so, and one without stands out', () => {
  const nodes = [
    {
      id: 1,
      listeners: [
        { name: 'LOCAL', host: 'localhost', port: 9092, isEncrypted: false, loginBy: null },
        { name: 'OUT', host: 'h', port: 9093, isEncrypted: true, loginBy: 'SCRAM-SHA-256' },
      ],
    },
  ]
  expect(banner({ ...facts, nodes })).toMatch(
    /security {4}LOCAL: clear text, nobody logs in\n +OUT: TLS, login by SCRAM-SHA-256\n/,
  )
  expect(banner({ ...facts, nodes, openToOthers: true })).toContain('INSECURE')
})
