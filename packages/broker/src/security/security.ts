import type { Cancel, Clock, Fs, Logger, NodeId, Prng } from '@odradek/core'
import type { BrokerLayers } from '../config/layers.ts'
import type { DelegationTokens } from '../delegation-tokens/delegation-token-table.ts'
import { TokenAccounts } from '../delegation-tokens/token-accounts.ts'
import type { ListenerPlan } from '../listener-config.ts'
import { ListenerKeys } from './listener-keys.ts'
import type { ListenerSecurity } from './listener-security.ts'
import { openSaslListener } from './sasl/open-sasl-listener.ts'
import type { ScramAccounts } from './sasl/scram-exchange.ts'
import type { ScramCredentials } from './scram-credentials.ts'
import type { SecretFiles } from './secret-files.ts'
import { hasSasl, hasTls } from './security-protocol.ts'
import { TlsListener } from './tls/tls-listener.ts'

export interface SecurityOptions {
  readonly nodes: readonly { readonly id: NodeId; readonly listeners: readonly ListenerPlan[] }[]
  layersOf(node: NodeId): BrokerLayers
  readonly fs: Fs
  readonly clock: Clock
  readonly prng: Prng
  readonly scramCredentials: ScramCredentials
  readonly delegationTokens: DelegationTokens
  readonly logger: Logger
  readonly secretFiles: SecretFiles
}

/** How often certificate files are looked at. */
export const CERTIFICATE_CHECK_INTERVAL_MS = 10_000

/** The security of all listeners of a process. */
export class Security {
  private readonly options: SecurityOptions
  private readonly accounts: ScramAccounts
  private readonly listeners = new Map<string, ListenerSecurity>()
  private checking: Cancel | null = null
  private reloading: Promise<void> = Promise.resolve()
  private readonly seen = new Map<string, string>()

  private constructor(options: SecurityOptions) {
    this.options = options
    this.accounts = scramAccounts(options)
  }

  /** @throws ListenerConfigError */
  static async open(options: SecurityOptions): Promise<Security> {
    const security = new Security(options)
    for (const { id, listeners } of options.nodes) {
      for (const plan of listeners) security.listeners.set(keyOf(id, plan.name), await security.openListener(id, plan))
    }
    security.noteFiles()
    security.planCheck()
    return security
  }

  of(node: NodeId, listener: string): ListenerSecurity | undefined {
    return this.listeners.get(keyOf(node, listener))
  }

  /** Configs of a listener have changed: certificates are read again. Resolves when new connections get the new ones. */
  reload(): Promise<void> {
    this.reloading = this.reloading.then(() => this.reloadAll())
    return this.reloading
  }

  close(): void {
    this.checking?.()
    this.checking = null
  }

  private async openListener(node: NodeId, plan: ListenerPlan): Promise<ListenerSecurity> {
    const { fs, secretFiles } = this.options
    const keys = new ListenerKeys(plan.name, () => this.options.layersOf(node))
    const tls = hasTls(plan.securityProtocol) ? await TlsListener.open(keys, (path) => fs.readFileSync(path)) : null
    for (const path of tls?.secretFiles ?? []) secretFiles.check(path)
    const { securityProtocol } = plan
    const sasl = hasSasl(securityProtocol) ? openSaslListener(keys, { ...this.options, accounts: this.accounts }) : null
    return { securityProtocol, tls, sasl }
  }

  /** A listener whose new files are no good keeps what it has. */
  private async reloadAll(): Promise<void> {
    const { logger } = this.options
    for (const [key, { tls }] of this.listeners) {
      if (tls === null) continue
      try {
        if (await tls.reload()) logger.info('a listener has new certificates', { listener: key })
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        logger.error('new certificates cannot be used; the old ones stay', { listener: key, why })
      }
    }
  }

  private planCheck(): void {
    if (this.files().length === 0) return
    this.checking = this.options.clock.after(CERTIFICATE_CHECK_INTERVAL_MS, () => {
      if (this.noteFiles()) void this.reload()
      this.planCheck()
    })
  }

  private files(): readonly string[] {
    return [...this.listeners.values()].flatMap(({ tls }) => tls?.files ?? [])
  }

  /** Whether a file is not what it was. */
  private noteFiles(): boolean {
    let changed = false
    for (const path of this.files()) {
      const stat = this.options.fs.statSync(path)
      const state = stat === null ? 'missing' : `${stat.sizeBytes} ${stat.modifiedMs}`
      // A file that is gone for a moment is about to be replaced.
      if (stat !== null && this.seen.get(path) !== state) changed = true
      this.seen.set(path, state)
    }
    return changed
  }
}

const FAKE_SALT_KEY_BYTES = 32

function scramAccounts({ scramCredentials, delegationTokens, clock, prng }: SecurityOptions): ScramAccounts {
  return {
    fakeSaltKey: prng.bytes(FAKE_SALT_KEY_BYTES),
    user(mechanism, name) {
      const credential = scramCredentials.find({ name, mechanism })
      return credential === null ? null : { credential, who: { name, expiresMs: null, byToken: false } }
    },
    token: new TokenAccounts(delegationTokens, clock, prng).find,
  }
}

const keyOf = (node: NodeId, listener: string): string => `${node} ${listener}`
