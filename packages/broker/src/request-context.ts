import type { NodeId } from '@odradek/core'
import type { AclOperation, ResourceType } from './authorizer.ts'
import type { MutationQuota } from './quotas.ts'
import type { SaslSession } from './security/sasl/sasl-session.ts'
import type { SecurityProtocol } from './security/security-protocol.ts'
import type { Services } from './services.ts'

/** Who is on the other side of a connection. */
export interface Peer {
  /** Text of the address, without a port, as DescribeGroups shows it after a slash. */
  readonly host: string
  readonly port: number
}

/** What lasts as long as a connection does. */
export interface ConnectionState {
  readonly id: number
  readonly peer: Peer
  /** Name of the listener it came in on: answers name that listener's endpoints. */
  readonly listener: string
  readonly securityProtocol: SecurityProtocol
  /** Where the login of the connection stands; null on a listener without SASL. */
  readonly sasl: SaslSession | null
  /** `User:ANONYMOUS` until a security protocol says otherwise. */
  principal: string
  /** From ApiVersions (KIP-511); empty until then. */
  clientSoftwareName: string
  clientSoftwareVersion: string
}

/** All that a handler may know beside the request itself. */
export interface RequestContext {
  /** The node whose listener the request came in on. */
  readonly node: NodeId
  readonly connection: ConnectionState
  readonly apiKey: number
  readonly version: number
  readonly correlationId: number
  readonly clientId: string | null
  readonly services: Services
  /** Whether the principal may do `operation` on the named resource. */
  authorize(operation: AclOperation, resource: ResourceType, name: string): boolean
  /** Whether the principal may do `operation` on some resource of the type. */
  authorizeByResourceType(operation: AclOperation, resource: ResourceType): boolean
  /** Runs once the response has left the process, or never will: for returning buffers. */
  onSent(release: () => void): void
  /** Runs when the connection ends before the request is answered: nobody waits any more; at once when it has. Returns its removal. */
  onClosed(stop: () => void): () => void
  /** Runs when others need the memory that the request waits with: it should be answered soon. Returns its removal. */
  onShortOfRoom(end: () => void): () => void
  /** The request waits without these rows of it: whoever needs them has them. */
  dropRows(rows: unknown[]): void
  /** No later request of the connection starts before this one is answered: for a Produce that cannot append at once. */
  keepNextWaiting(): void
  /** Whether any quota is set that requests count for. */
  readonly isLimited: boolean
  /** Most bytes of records that quotas let a fetch of this client bring. */
  fetchBytesMax(): number
  /** Counts an answer to Fetch against the client's quotas. Above 0: it must go out empty instead, and was not counted. */
  fetchThrottleMs(answerBytes: number): number
  /** What the client may still change in the metadata; from version `strictFrom` on it is refused what is too much. */
  mutationQuota(strictFrom: number): MutationQuota
  /** As the newest version's, for topics that are made unasked: the answer does not tell of it. */
  autoCreationQuota(): MutationQuota
  /** Between brokers: no client is to be slowed down for the time that it takes. */
  exemptFromQuotas(): void
  /** The answer is the last of the connection; `reason` goes to the log. */
  closeAfterAnswer(reason: string): void
  /** Ends the connection in place of an answer (a failed Produce with acks 0); `reason` goes to the log. */
  close(reason: string): void
}
