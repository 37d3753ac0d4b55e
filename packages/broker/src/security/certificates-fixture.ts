import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A key with its certificate, in PEM and in files. */
export interface Issued {
  readonly key: string
  readonly certificate: string
  readonly keyFile: string
  readonly certificateFile: string
}

/** An authority for tests: its certificates are made when they are needed, so that none ever expires in the repository. */
export class TestAuthority {
  readonly directory = mkdtempSync(join(tmpdir(), 'odradek-ca-'))
  readonly ca: Issued
  private count = 0

  constructor(subject = '/CN=Test authority') {
    const key = join(this.directory, 'ca.key')
    const certificate = join(this.directory, 'ca.pem')
    openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', key)
    openssl('req', '-x509', '-new', '-key', key, '-subj', subject, '-days', '2', '-out', certificate)
    this.ca = issued(key, certificate)
  }

  issue(subject: string, kind: 'ec' | 'rsa' = 'ec'): Issued {
    const base = join(this.directory, `c${this.count++}`)
    if (kind === 'ec') openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', `${base}.sec1`)
    else openssl('genrsa', '-out', `${base}.sec1`, '2048')
    openssl('pkcs8', '-topk8', '-nocrypt', '-in', `${base}.sec1`, '-out', `${base}.key`)
    openssl('req', '-new', '-utf8', '-key', `${base}.key`, '-subj', subject, '-out', `${base}.csr`)
    writeFileSync(`${base}.ext`, 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\n')
    const authority = ['-CA', this.ca.certificateFile, '-CAkey', this.ca.keyFile, '-CAcreateserial']
    const request = ['x509', '-req', '-in', `${base}.csr`, ...authority, '-days', '2', '-extfile', `${base}.ext`]
    openssl(...request, '-out', `${base}.pem`)
    return issued(`${base}.key`, `${base}.pem`)
  }

  /** A PKCS#12 store with the key and its chain. */
  pkcs12({ keyFile, certificateFile }: Issued, password: string, ...more: readonly string[]): string {
    const path = join(this.directory, `s${this.count++}.p12`)
    const parts = ['-inkey', keyFile, '-in', certificateFile, '-certfile', this.ca.certificateFile, '-name', 'own']
    openssl('pkcs12', '-export', ...parts, '-passout', `pass:${password}`, ...more, '-out', path)
    return path
  }

  dispose(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

function issued(keyFile: string, certificateFile: string): Issued {
  return {
    keyFile,
    certificateFile,
    key: readFileSync(keyFile, 'utf8'),
    certificate: readFileSync(certificateFile, 'utf8'),
  }
}

function openssl(...parameters: readonly string[]): string {
  return execFileSync('openssl', parameters, { stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' })
}
