const TLS_1_3 =
  /^TLS_(AES_128_GCM_SHA256|AES_256_GCM_SHA384|CHACHA20_POLY1305_SHA256|AES_128_CCM_SHA256|AES_128_CCM_8_SHA256)$/

const TLS_1_2 =
  /^TLS_(ECDHE_ECDSA|ECDHE_RSA|DHE_RSA|RSA)_WITH_(AES_128|AES_256|CHACHA20)_(GCM|CBC|CCM|CCM_8|POLY1305)(?:_(SHA|SHA256|SHA384))?$/

/**
 * OpenSSL's name of a cipher suite that `ssl.cipher.suites` names as Java does; null where there is none. Names of
 * TLS 1.3 are the same in both.
 */
export function opensslCipherSuite(javaName: string): string | null {
  if (TLS_1_3.test(javaName)) return javaName
  const [, exchange, cipher, mode, digest] = TLS_1_2.exec(javaName) ?? []
  if (exchange === undefined || cipher === undefined || mode === undefined) return null
  const prefix = exchange === 'RSA' ? '' : `${exchange.replace('_', '-')}-`
  if (cipher === 'CHACHA20') return mode === 'POLY1305' ? `${prefix}CHACHA20-POLY1305` : null
  const size = cipher.replace('_', '')
  if (mode === 'CBC') return digest === undefined ? null : `${prefix}${size}-${digest}`
  if (mode === 'GCM') return digest === undefined || digest === 'SHA' ? null : `${prefix}${size}-GCM-${digest}`
  return mode === 'POLY1305' ? null : `${prefix}${size}-${mode.replace('CCM_8', 'CCM8')}`
}
