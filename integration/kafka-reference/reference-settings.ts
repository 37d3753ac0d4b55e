import type { Certificates } from './certificates.ts'

/** Whom the SASL listener lets in, by any of its mechanisms. */
export const USER = 'alice'
export const PASSWORD = 'alice-secret'
export const SCRAM_MECHANISMS = ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const

/** Ports of one node, each one after the other. */
export const PORTS_A_NODE = 4

export interface NodePorts {
  readonly plain: number
  readonly sasl: number
  readonly tls: number
  readonly controller: number
}

export const portsFrom = (first: number): NodePorts => ({
  plain: first,
  sasl: first + 1,
  tls: first + 2,
  controller: first + 3,
})

export interface ReferenceNode {
  readonly id: number
  readonly ports: NodePorts
  readonly dataDirectories: readonly string[]
}

/** server.properties of one node of a reference: a plain, a SASL and a TLS listener, all of loopback. */
export function referenceSettings(node: ReferenceNode, all: readonly ReferenceNode[], tls: Certificates): string {
  const { plain, sasl, tls: encrypted, controller } = node.ports
  const clients = `PLAINTEXT://127.0.0.1:${plain},SASL://127.0.0.1:${sasl},TLS://127.0.0.1:${encrypted}`
  const voters = all.map(({ id, ports }) => `${id}@127.0.0.1:${ports.controller}`).join()
  const copies = Math.min(all.length, 3)
  const scram = SCRAM_MECHANISMS.map(
    (name) =>
      `listener.name.sasl.${name.toLowerCase()}.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;`,
  )
  return [
    'process.roles=broker,controller',
    `node.id=${node.id}`,
    `controller.quorum.voters=${voters}`,
    `listeners=${clients},CONTROLLER://127.0.0.1:${controller}`,
    `advertised.listeners=${clients}`,
    'controller.listener.names=CONTROLLER',
    'inter.broker.listener.name=PLAINTEXT',
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SSL,CONTROLLER:PLAINTEXT',
    `listener.name.sasl.sasl.enabled.mechanisms=PLAIN,${SCRAM_MECHANISMS.join()}`,
    `listener.name.sasl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_${USER}="${PASSWORD}";`,
    ...scram,
    'listener.name.tls.ssl.keystore.type=PEM',
    `listener.name.tls.ssl.keystore.location=${tls.keyStore}`,
    'listener.name.tls.ssl.truststore.type=PEM',
    `listener.name.tls.ssl.truststore.location=${tls.authority}`,
    'listener.name.tls.ssl.client.auth=requested',
    `log.dirs=${node.dataDirectories.join()}`,
    'offsets.topic.num.partitions=5',
    `offsets.topic.replication.factor=${copies}`,
    'transaction.state.log.num.partitions=5',
    `transaction.state.log.replication.factor=${copies}`,
    'transaction.state.log.min.isr=1',
    'share.coordinator.state.topic.num.partitions=5',
    `share.coordinator.state.topic.replication.factor=${copies}`,
    'share.coordinator.state.topic.min.isr=1',
    'group.initial.rebalance.delay.ms=0',
    '',
  ].join('\n')
}
