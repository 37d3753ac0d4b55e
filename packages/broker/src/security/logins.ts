import type { MonotonicMs } from '@odradek/core'
import type { LimitSettings } from '../config/limit-settings.ts'
import type { Peer } from '../request-context.ts'

type LoginSettings = Pick<LimitSettings, 'loginsMax' | 'loginsPerIpMax' | 'loginTimeoutMs'>

/** Connections whose peers have still to log in: their number, in all and from one address, and their time. */
export class Logins<Connection> {
  private readonly settings: LoginSettings
  /** Oldest first. */
  private readonly begun = new Map<Connection, { readonly host: string; readonly sinceMs: MonotonicMs }>()
  private readonly byHost = new Map<string, number>()

  constructor(settings: LoginSettings) {
    this.settings = settings
  }

  refusal({ host }: Peer): string | null {
    const { loginsMax, loginsPerIpMax } = this.settings
    if (this.begun.size >= loginsMax) return `${loginsMax} connections have not logged in yet (odradek.max.logins)`
    if ((this.byHost.get(host) ?? 0) < loginsPerIpMax) return null
    return `${loginsPerIpMax} connections of this address have not logged in yet (odradek.max.logins.per.ip)`
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
      if (nowMs - sinceMs < this.settings.loginTimeoutMs) break
      found.push(connection)
    }
    return found
  }
}
