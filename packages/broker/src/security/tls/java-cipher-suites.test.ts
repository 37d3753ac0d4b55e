import { getCiphers } from 'node:tls'
import { opensslCipherSuite } from './java-cipher-suites.ts'

test.each([
  ['TLS_AES_256_GCM_SHA384', 'TLS_AES_256_GCM_SHA384'],
  ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
  ['TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
  ['TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-RSA-CHACHA20-POLY1305'],
  ['TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384', 'ECDHE-RSA-AES256-SHA384'],
  ['TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA', 'ECDHE-ECDSA-AES128-SHA'],
  ['TLS_DHE_RSA_WITH_AES_128_GCM_SHA256', 'DHE-RSA-AES128-GCM-SHA256'],
  ['TLS_RSA_WITH_AES_128_GCM_SHA256', 'AES128-GCM-SHA256'],
  ['TLS_RSA_WITH_AES_256_CBC_SHA', 'AES256-SHA'],
])('%s is %s', (java, openssl) => {
  expect(opensslCipherSuite(java)).toBe(openssl)
  expect(getCiphers()).toContain(openssl.toLowerCase())
})

test.each(['SSL_RSA_WITH_RC4_128_MD5', 'TLS_NULL', 'ECDHE-RSA-AES128-GCM-SHA256', 'TLS_RSA_WITH_AES_128_GCM_SHA', ''])(
  '%p has no counterpart',
  (name) => {
    expect(opensslCipherSuite(name)).toBeNull()
  },
)
