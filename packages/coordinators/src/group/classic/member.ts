import { present } from '@odradek/core'
import type { GroupProtocol } from '../commands.ts'

export const EMPTY_BYTES = new Uint8Array(0)

export interface ClassicMemberInit {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly protocols: readonly GroupProtocol[]
}

/** One consumer of a classic group. Bytes are its own copies: a request's are parts of a larger frame. */
export class ClassicMember {
  readonly memberId: string
  /** Not null: a static member (KIP-345), which may stay away until its session ends. */
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  sessionTimeoutMs: number
  rebalanceTimeoutMs: number
  protocols: readonly GroupProtocol[]
  assignment: Uint8Array = EMPTY_BYTES
  /** The JoinGroup, or SyncGroup, that waits for the round to end. */
  joinRequestId: number | null = null
  syncRequestId: number | null = null
  /** In its first round: it does not know its id yet, so nobody can expect heartbeats of it. */
  isNew = false
  /** Monotonic time at which the session ends. */
  sessionDeadlineMs = 0
  /** Monotonic time that the session's timer is set to, at or before the deadline; null when none is set. */
  sessionTimerDueMs: number | null = null

  constructor(init: ClassicMemberInit) {
    this.memberId = init.memberId
    this.groupInstanceId = init.groupInstanceId
    this.clientId = init.clientId
    this.clientHost = init.clientHost
    this.sessionTimeoutMs = init.sessionTimeoutMs
    this.rebalanceTimeoutMs = init.rebalanceTimeoutMs
    this.protocols = copyOf(init.protocols)
  }

  /** What it keeps of what its client sent. */
  get keptBytes(): number {
    return idBytes(this) + protocolBytes(this.protocols) + this.memberId.length + this.assignment.length
  }

  get isStatic(): boolean {
    return this.groupInstanceId !== null
  }

  get isParked(): boolean {
    return this.joinRequestId !== null || this.syncRequestId !== null
  }

  metadata(protocolName: string): Uint8Array {
    const protocol = this.protocols.find(({ name }) => name === protocolName)
    return present(protocol, 'the chosen protocol is supported by every member').metadata
  }

  /** The first of its protocols that all members support. */
  vote(isSupportedByAll: (name: string) => boolean): string {
    const protocol = this.protocols.find(({ name }) => isSupportedByAll(name))
    return present(protocol, 'members have a protocol in common').name
  }

  /** Whether these are the same protocols, in the same order, with the same metadata. */
  matches(protocols: readonly GroupProtocol[]): boolean {
    if (protocols.length !== this.protocols.length) return false
    return protocols.every((protocol, index) => {
      const own = this.protocols[index]
      return own !== undefined && own.name === protocol.name && Buffer.compare(own.metadata, protocol.metadata) === 0
    })
  }

  setProtocols(protocols: readonly GroupProtocol[]): void {
    this.protocols = copyOf(protocols)
  }
}

/** Of a member with an id of `memberIdChars`, before it is one. */
export function joiningBytes(
  command: Pick<ClassicMemberInit, 'clientId' | 'groupInstanceId' | 'protocols'>,
  memberIdChars: number,
): number {
  return idBytes(command) + protocolBytes(command.protocols) + memberIdChars
}

function idBytes({ clientId, groupInstanceId }: Pick<ClassicMemberInit, 'clientId' | 'groupInstanceId'>): number {
  return clientId.length + (groupInstanceId?.length ?? 0)
}

function protocolBytes(protocols: readonly GroupProtocol[]): number {
  return protocols.reduce((bytes, { name, metadata }) => bytes + name.length + metadata.length, 0)
}

function copyOf(protocols: readonly GroupProtocol[]): readonly GroupProtocol[] {
  return protocols.map(({ name, metadata }) => ({ name, metadata: new Uint8Array(metadata) }))
}
