import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBroker } from '@odradek/testing'
import { freePorts } from '../harness/free-ports.ts'
import { KafkaProcess } from '../kafka-reference/kafka-process.ts'
import { conversationOf, type Turn } from './conversation.ts'
import { RecordingProxy } from './recording-proxy.ts'

/** A client's program, given an address: the proxy's. */
export type Talk = (bootstrap: string) => Promise<void>

const COMMON = {
  'offsets.topic.num.partitions': '5',
  'transaction.state.log.num.partitions': '5',
  'group.initial.rebalance.delay.ms': '0',
}

/** What the client and the broker said. @throws Error when the client failed, or something could not be read */
async function recorded(talk: Talk, proxyPort: number, brokerPort: number): Promise<readonly Turn[]> {
  const proxy = await RecordingProxy.listen(proxyPort, brokerPort)
  try {
    await talk(proxy.bootstrap)
  } finally {
    await proxy.close()
  }
  if (proxy.faults.length > 0) throw new Error(`not readable: ${proxy.faults[0]}`)
  return conversationOf(proxy.exchanges)
}

export async function withOdradek(talk: Talk): Promise<readonly Turn[]> {
  const proxyPort = await freePorts(1)
  const port = await freePorts(1)
  const settings = {
    ...COMMON,
    listeners: `PLAINTEXT://127.0.0.1:${port}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${proxyPort}`,
  }
  const broker = await startBroker({ settings })
  try {
    return await recorded(talk, proxyPort, port)
  } finally {
    await broker.stop()
  }
}

/** What Kafka says to itself goes past the proxy, by a listener of its own. */
function listenersOf(port: number, proxyPort: number): readonly string[] {
  const internal = `INTERNAL://127.0.0.1:${port + 2}`
  return [
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${port + 1},${internal}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${proxyPort},${internal}`,
    'inter.broker.listener.name=INTERNAL',
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,INTERNAL:PLAINTEXT',
  ]
}

export async function withKafka(talk: Talk): Promise<readonly Turn[]> {
  const proxyPort = await freePorts(1)
  const directory = mkdtempSync(join(tmpdir(), 'odradek-conversation-'))
  const port = await freePorts(3)
  const common = Object.entries(COMMON).map(([key, value]) => `${key}=${value}`)
  const settings = [...common, ...listenersOf(port, proxyPort)].join('\n')
  const kafka = new KafkaProcess('kafka-4.4', directory, join(directory, 'data'), `${settings}\n`, port)
  try {
    await kafka.start()
    return await recorded(talk, proxyPort, port)
  } finally {
    await kafka.kill()
    rmSync(directory, { recursive: true, force: true })
  }
}
