import { Produce } from '@odradek/protocol'
import type { ActiveRequest } from './dispatch.ts'

/**
 * The requests of one connection that are under way, oldest first. Kafka serves one at a time; Produce requests may
 * also follow each other at once, since they only append, in order. Answers leave in the order of requests.
 */
export class RequestOrder {
  private oldest: ActiveRequest | null = null
  private newest: ActiveRequest | null = null
  private count = 0

  get isEmpty(): boolean {
    return this.oldest === null
  }

  /** Whether a request with this key may start now. All under way are of one kind: only Produce follows Produce. */
  admits(apiKey: number, countMax: number): boolean {
    if (this.newest === null) return true
    if (apiKey !== Produce.key || this.newest.apiKey !== Produce.key || this.newest.keepsNextWaiting) return false
    return this.count < countMax
  }

  add(request: ActiveRequest): void {
    if (this.newest === null) this.oldest = request
    else this.newest.next = request
    this.newest = request
    this.count += 1
  }

  /** The oldest request when its answer is there; it is then no longer under way. */
  takeDone(): ActiveRequest | null {
    const request = this.oldest
    if (request === null || !request.done) return null
    this.oldest = request.next
    if (this.oldest === null) this.newest = null
    request.next = null
    this.count -= 1
    return request
  }

  *[Symbol.iterator](): Generator<ActiveRequest> {
    for (let request = this.oldest; request !== null; request = request.next) yield request
  }
}
