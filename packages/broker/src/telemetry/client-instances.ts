import { assert } from '@odradek/core'
import { ClientInstance } from './client-instance.ts'
import type { WantedMetrics } from './subscription.ts'

/** As many as Kafka keeps; past it the one that was not heard of for longest is forgotten. */
const CLIENT_INSTANCES_MAX = 16_384

interface Known {
  readonly instance: ClientInstance
  /** That the instance was first seen on: it is forgotten with it, as in Kafka. */
  readonly connectionId: number
}

/** What is wanted of an instance now, and who it is that asks. */
export interface InstanceRequest {
  readonly id: string
  readonly connectionId: number
  readonly wanted: WantedMetrics
  readonly subscriptionId: number
}

/** The client instances of one node, by id. */
export class ClientInstances {
  private readonly max: number
  /** Heard of least recently first. */
  private readonly instances = new Map<string, Known>()
  private readonly idsByConnection = new Map<number, Set<string>>()

  constructor(max = CLIENT_INSTANCES_MAX) {
    this.max = max
  }

  get size(): number {
    return this.instances.size
  }

  /** The instance; made where it is not known, or was not heard of for too long. */
  get({ id, connectionId, wanted, subscriptionId }: InstanceRequest, nowMs: number): ClientInstance {
    const known = this.instances.get(id)
    if (known === undefined || known.instance.isExpired(nowMs)) {
      this.forget(id)
      this.makeRoom(nowMs)
      const instance = new ClientInstance(wanted, subscriptionId, nowMs)
      this.instances.set(id, { instance, connectionId })
      this.idsByConnection.set(connectionId, (this.idsByConnection.get(connectionId) ?? new Set()).add(id))
      return instance
    }
    const { instance } = known
    if (instance.subscriptionId !== subscriptionId) instance.resubscribe(wanted, subscriptionId)
    instance.seen(nowMs)
    this.instances.delete(id)
    this.instances.set(id, known)
    return instance
  }

  connectionClosed(connectionId: number): void {
    for (const id of this.idsByConnection.get(connectionId) ?? []) this.forget(id)
  }

  private makeRoom(nowMs: number): void {
    for (const [id, { instance }] of this.instances) {
      if (this.instances.size < this.max && !instance.isExpired(nowMs)) break
      this.forget(id)
    }
    assert(this.instances.size < this.max, 'there is room for one more client instance')
  }

  private forget(id: string): void {
    const known = this.instances.get(id)
    if (known === undefined) return
    this.instances.delete(id)
    const ids = this.idsByConnection.get(known.connectionId)
    ids?.delete(id)
    if (ids?.size === 0) this.idsByConnection.delete(known.connectionId)
  }
}
