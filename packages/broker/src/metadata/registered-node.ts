import type { RegisterBrokerRecord } from '@odradek/protocol/records'
import type { NodeView } from '../cluster-view.ts'

/** A node as the metadata log knows it, up or not. */
export interface RegisteredNode {
  readonly view: NodeView
  readonly isFenced: boolean
  /** Offset of its registration: tells one life of a node from the next. */
  readonly epoch: bigint
  /** What was recorded of it, and whether it is up. */
  readonly registration: RegisterBrokerRecord
}
