import { connect } from 'node:net'
import { SeededPrng, SystemClock, silentLogger } from '@odradek/core'
import { MemoryFs } from '@odradek/log'
import { Kafka, logLevel } from 'kafkajs'
import { createBroker } from '../broker.ts'
import { resolveBrokerConfig } from '../config/resolve-broker-config.ts'

const MEBIBYTE = 1_048_576

test('requests of a stock client are told by API and version over HTTP', async () => {
  const given = { listeners: 'PLAINTEXT://:0', 'log.dirs': 'data', 'odradek.http.listener': 'localhost:0' }
  const broker = createBroker({
    config: resolveBrokerConfig(new Map(Object.entries(given)), MEBIBYTE),
    fs: new MemoryFs(),
    clock: new SystemClock(),
    prng: new SeededPrng(1),
    logger: silentLogger,
    softwareVersion: '0.0.0',
  })
  const { nodes, http } = await broker.start()
  const port = nodes[0]?.listeners[0]?.port ?? 0
  try {
    const client = new Kafka({ brokers: [`localhost:${port}`], logLevel: logLevel.NOTHING })
    const producer = client.producer()
    await producer.connect()
    await producer.send({ topic: 'orders', messages: [{ value: 'a' }, { value: 'b' }] })
    const text = await (await fetch(`http://127.0.0.1:${http?.port}/metrics`)).text()
    await producer.disconnect()
    for (const row of [
      /^kafka_network_requestmetrics_requests_total\{request="Produce",version="\d+"\} 1$/m,
      /^kafka_network_requestmetrics_totaltimems_count\{request="Produce",version="\d+"\} 1$/m,
      /^kafka_network_requestmetrics_requestbytes_bucket\{le="\+Inf",request="Produce",version="\d+"\} 1$/m,
      /^kafka_network_requestmetrics_responsebytes_sum\{request="Produce",version="\d+"\} [1-9]\d*$/m,
      /^kafka_network_requestmetrics_errors_total\{request="Produce",error="NONE"\} 1$/m,
      /^kafka_server_brokertopicmetrics_messagesin_total\{topic="orders"\} 2$/m,
      /^kafka_server_socket_server_metrics_connection_count\{listener="PLAINTEXT"\} [1-9]/m,
      /^kafka_log_logflushstats_logflushrateandtimems_count [1-9]/m,
      /^nodejs_eventloop_lag_p99_seconds /m,
      /^process_resident_memory_bytes [1-9]/m,
    ])
      expect(text).toMatch(row)
  } finally {
    await broker.stop()
  }
  const refused = new Promise((resolve) => connect(http?.port ?? 0, '127.0.0.1').once('error', resolve))
  expect(await refused).toMatchObject({ code: 'ECONNREFUSED' })
})
