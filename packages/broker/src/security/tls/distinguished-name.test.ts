import { X509Certificate } from 'node:crypto'
import { TestAuthority } from '../certificates-fixture.ts'
import { subjectReader } from './distinguished-name.ts'

const authority = new TestAuthority()

afterAll(() => authority.dispose())

// Right: what X500Principal.getName() of Java 17 says of a certificate with that subject.
test.each([
  ['/C=DE/O=Acme/OU=Orders/CN=alice', 'CN=alice,OU=Orders,O=Acme,C=DE'],
  ['/CN=a,b', 'CN=a\\,b'],
  ['/CN=a\\+b=c<d>e#f;g"h\\\\i', 'CN=a\\+b\\=c\\<d\\>e\\#f\\;g\\"h\\\\i'],
  ['/CN= x ', 'CN=\\ x\\ '],
  ['/CN=Jürgen Größe', 'CN=Jürgen Größe'],
  ['/DC=org/DC=example/UID=u1', 'UID=u1,DC=example,DC=org'],
  ['/CN=alice/emailAddress=a@b.c', '1.2.840.113549.1.9.1=#16056140622e63,CN=alice'],
  ['/CN=alice/serialNumber=12', '2.5.4.5=#13023132,CN=alice'],
])('the subject %s is %s', async (subject, expected) => {
  const read = await subjectReader()
  expect(read(new X509Certificate(authority.issue(subject).certificate).raw)).toBe(expected)
})
