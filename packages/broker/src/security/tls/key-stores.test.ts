import { execFileSync, spawnSync } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Issued, TestAuthority } from '../certificates-fixture.ts'
import { readStore } from './key-stores.ts'

const PASSWORD = 'store-pass'
const authority = new TestAuthority()

afterAll(() => authority.dispose())

const hasKeytool = spawnSync('keytool', ['-help']).error === undefined

function expectKeyOf({ certificate }: Issued, key: string | null, chain: readonly string[]): void {
  const own = new X509Certificate(certificate)
  expect(new X509Certificate(chain[0] ?? '').fingerprint256).toBe(own.fingerprint256)
  expect(own.checkPrivateKey(createPrivateKey(key ?? ''))).toBe(true)
}

test.each(['ec', 'rsa'] as const)('a PKCS#12 store of OpenSSL with an %s key, and its chain', async (kind) => {
  const own = authority.issue('/CN=broker', kind)
  const { key, chain, trusted } = await readStore(readFileSync(authority.pkcs12(own, 'secret')), 'secret', null)
  expectKeyOf(own, key, chain)
  expect(chain).toHaveLength(2)
  expect(trusted).toHaveLength(1)
})

test('a wrong password is refused without a word of what is inside', async () => {
  const path = authority.pkcs12(authority.issue('/CN=broker'), 'secret')
  await expect(readStore(readFileSync(path), 'wrong', null)).rejects.toThrow(/password/i)
})

test.each([
  ['nothing', Buffer.alloc(0), 'neither a JKS nor a PKCS#12 store'],
  ['a text', Buffer.from('hello world'), 'neither a JKS nor a PKCS#12 store'],
  ['a JCEKS store', Buffer.from('cececece00000002', 'hex'), 'JCEKS'],
])('%s is refused', async (_, bytes, message) => {
  await expect(readStore(bytes, 'x', null)).rejects.toThrow(message)
})

/** Stores as Kafka's users make them; a machine without Java says so and goes on. */
const withKeytool = hasKeytool ? test : test.skip
if (!hasKeytool) console.warn('skipped: stores of keytool: there is no Java on this machine')

withKeytool.each([
  ['JKS', 'rsa'],
  ['JKS', 'ec'],
  ['PKCS12', 'rsa'],
  ['PKCS12', 'ec'],
] as const)('a %s store of keytool with an %s key', async (type, kind) => {
  const own = authority.issue('/CN=broker', kind)
  const source = authority.pkcs12(own, 'secret')
  const path = join(authority.directory, `${type}-${kind}.store`)
  const from = ['-srckeystore', source, '-srcstoretype', 'PKCS12', '-srcstorepass', 'secret']
  const to = ['-destkeystore', path, '-deststoretype', type, '-deststorepass', 'changeit', '-destkeypass', 'changeit']
  keytool('-importkeystore', ...from, ...to)
  const { key, chain } = await readStore(readFileSync(path), 'changeit', null)
  expectKeyOf(own, key, chain)
  expect(chain).toHaveLength(2)
})

withKeytool('a JKS key with a password of its own', async () => {
  const path = join(authority.directory, 'own-password.jks')
  const parameters = ['-genkeypair', '-keyalg', 'RSA', '-alias', 'own', '-dname', 'CN=x', '-storetype', 'JKS']
  keytool(...parameters, '-keystore', path, '-storepass', 'storepass', '-keypass', 'keypass1')
  expect((await readStore(readFileSync(path), 'storepass', 'keypass1')).key).toContain('PRIVATE KEY')
  await expect(readStore(readFileSync(path), 'storepass', 'keypass2')).rejects.toThrow()
})

withKeytool.each(['JKS', 'PKCS12'])('a %s trust store of keytool', async (type) => {
  const path = join(authority.directory, `trust-${type}`)
  const certificate = ['-file', authority.ca.certificateFile, '-alias', 'ca', '-noprompt']
  keytool('-importcert', ...certificate, '-keystore', path, '-storetype', type, '-storepass', PASSWORD)
  const { key, trusted } = await readStore(readFileSync(path), PASSWORD, null)
  expect(key).toBeNull()
  expect(trusted.map((pem) => new X509Certificate(pem).subject)).toEqual(['CN=Test authority'])
})

function keytool(...parameters: readonly string[]): void {
  execFileSync('keytool', [...parameters, '-J-Dfile.encoding=UTF-8', '-J-Dsun.jnu.encoding=UTF-8'], {
    stdio: 'ignore',
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  })
}
