import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Issued, TestAuthority } from '@odradek/broker/certificates-fixture'
import { TokenIssuer } from '../harness/signed-token.ts'

/** How long a token of the file that is written anew all the time is good for. */
const FRESH_TOKEN_SECONDS = 8
const REFRESH_MS = 500
const GOOD_SECONDS = 3600

/** What the clients of this folder have to show, and what a broker is to trust: certificates, tokens and passwords, in files. */
export class SecurityWorld {
  readonly directory: string
  readonly keySetFile: string
  readonly brokerFile: string
  readonly authorityFile: string
  private readonly authority = new TestAuthority()
  /** Of the same name: else some clients would not show its certificates at all. */
  private readonly strangers = new TestAuthority()
  private readonly issuer = new TokenIssuer()
  private readonly refreshing: NodeJS.Timeout

  constructor(directory: string) {
    this.directory = directory
    mkdirSync(directory, { recursive: true })
    this.keySetFile = this.write('keys.json', this.issuer.keySet)
    this.authorityFile = this.write('ca.pem', this.authority.ca.certificate)
    this.write('strangers.pem', this.strangers.ca.certificate)
    this.brokerFile = this.writePair('broker', this.authority.issue('/CN=localhost'))
    this.writePair('alice', this.authority.issue('/CN=alice'))
    this.writePair('bob', this.authority.issue('/CN=bob'))
    this.writePair('stranger', this.strangers.issue('/CN=alice'))
    this.writeTokens()
    this.refresh()
    this.refreshing = setInterval(() => this.refresh(), REFRESH_MS)
  }

  get trusted(): Pick<TokenIssuer, 'issuer' | 'audience'> {
    return this.issuer
  }

  dispose(): void {
    clearInterval(this.refreshing)
    this.authority.dispose()
    this.strangers.dispose()
  }

  private writeTokens(): void {
    this.write('good.token', this.issuer.token(GOOD_SECONDS))
    this.write('bob.token', this.issuer.token(GOOD_SECONDS, { sub: 'bob' }))
    this.write('expired.token', this.issuer.token(-1))
    this.write('other-audience.token', this.issuer.token(GOOD_SECONDS, { aud: 'others' }))
    this.write('foreign.token', new TokenIssuer().token(GOOD_SECONDS))
  }

  /** As a program would find it that keeps a token for others. Whole at any moment. */
  private refresh(): void {
    const unfinished = this.write('unfinished', this.issuer.token(FRESH_TOKEN_SECONDS))
    renameSync(unfinished, join(this.directory, 'fresh.token'))
  }

  private writePair(name: string, { key, certificate }: Issued): string {
    this.write(`${name}.key`, key)
    this.write(`${name}.crt`, certificate)
    return this.write(`${name}.pem`, key + certificate)
  }

  private write(name: string, text: string): string {
    const path = join(this.directory, name)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
}
