import { TestAuthority } from '@odradek/broker/certificates-fixture'
import { BrokerProcess } from '../harness/broker-process.ts'
import { freePorts } from '../harness/free-ports.ts'
import type { Address } from '../harness/open-socket.ts'

export const USER = 'alice'
export const PASSWORD = 'alice-secret'

const LISTENERS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const
export type ListenerName = (typeof LISTENERS)[number]

/** A broker process with one listener of each protocol, and the certificate that its clients are to trust. */
export class SecureBroker {
  readonly process: BrokerProcess
  private readonly authority: TestAuthority
  private readonly firstPort: number

  private constructor(process: BrokerProcess, authority: TestAuthority, firstPort: number) {
    this.process = process
    this.authority = authority
    this.firstPort = firstPort
  }

  static async start(): Promise<SecureBroker> {
    const authority = new TestAuthority()
    // P-256, as new certificates mostly are; RSA costs a broker more.
    const own = authority.issue('/CN=localhost')
    const firstPort = await freePorts(LISTENERS.length)
    const listeners = LISTENERS.map((name, index) => `${name}://127.0.0.1:${firstPort + index}`).join()
    const jaas = `org.apache.kafka.common.security.plain.PlainLoginModule required user_${USER}="${PASSWORD}";`
    const environment = {
      KAFKA_SSL_KEYSTORE_TYPE: 'PEM',
      KAFKA_SSL_KEYSTORE_KEY: own.key,
      KAFKA_SSL_KEYSTORE_CERTIFICATE_CHAIN: own.certificate,
      KAFKA_SASL_ENABLED_MECHANISMS: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
      KAFKA_LISTENER_NAME_SASL__PLAINTEXT_PLAIN_SASL_JAAS_CONFIG: jaas,
      KAFKA_LISTENER_NAME_SASL__SSL_PLAIN_SASL_JAAS_CONFIG: jaas,
      ODRADEK_SCRAM_USERS: `${USER}:${PASSWORD}`,
    }
    return new SecureBroker(await BrokerProcess.start({ listeners, environment }), authority, firstPort)
  }

  address(listener: ListenerName): Address {
    const address = { host: '127.0.0.1', port: this.firstPort + LISTENERS.indexOf(listener) }
    return listener.endsWith('SSL') ? { ...address, ca: this.authority.ca.certificate } : address
  }

  async dispose(): Promise<void> {
    await this.process.dispose()
    this.authority.dispose()
  }
}
