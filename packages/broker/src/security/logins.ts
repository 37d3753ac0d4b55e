import type { MonotonicMs } from '@odradek/core'
import type { Peer } from '../request-context.ts'
import { LOGIN_DEADLINE_MS, LOGINS_MAX, LOGINS_PER_IP_MAX } from './security-limits.ts'

/** Connections whose peers have still to log in: their number, in all and from one address, and their time. */
export class Logins<Connection> {
  /** Oldest first. */
  private readonly begun = new Map<Connection, { readonly host: string; readonly sinceMs: MonotonicMs }>()
  private readonly byHost = new Map<string, number>()

  refusal({ host }: Peer): string | null {
    if (this.begun.size >= LOGINS_MAX) return `${LOGINS_MAX} connections have not logged in yet`
    if ((this.byHost.get(host) ?? 0) < LOGINS_PER_IP_MAX) return null
    return `${LOGINS_PER_IP_MAX} connections of this address have not logged in yet`
  }

  begin(connection: Connection, { host }: Peer, nowMs: MonotonicMs): void {
    this.begun.set(connection, { host, sinceMs: nowMs })
    this.byHost.set(host, (this.byHost.get(host) ?? 0) + 1)
  }

  /** It has logged in, or is gone. */
  end(connection: Connection): void {
    const login = this.begun.get(connection)
    if (login === undefined) return
    this.begun.delete(connection)
    const left = (this.byHost.get(login.host) ?? 0) - 1
    if (left > 0) this.byHost.set(login.host, left)
    else this.byHost.delete(login.host)
  }

  /** Those whose time is up. */
  overdue(nowMs: MonotonicMs): readonly Connection[] {
    const found: Connection[] = []
    for (const [connection, { sinceMs }] of this.begun) {
      if (nowMs - sinceMs < LOGIN_DEADLINE_MS) break
      found.push(connection)
    }
    return found
  }
}
