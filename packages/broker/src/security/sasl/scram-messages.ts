/** A client's first message (RFC 5802, 7). */
export interface ClientFirst {
  /** With its last comma: the channel binding of the last message repeats it. */
  readonly gs2Header: string
  /** Without the header. */
  readonly bare: string
  readonly authorizationId: string
  readonly name: string
  readonly nonce: string
  readonly extensions: ReadonlyMap<string, string>
}

/** A client's last message. */
export interface ClientFinal {
  readonly withoutProof: string
  readonly channelBinding: Buffer
  readonly nonce: string
  readonly proof: Buffer
}

// As Kafka's: channel binding is not offered ("n"), printable characters without commas make a nonce.
const SASLNAME = '(?:[^=,\\0]|=2C|=3D)+'
const PRINTABLE = '[\\x21-\\x2b\\x2d-\\x7e]+'
const EXTENSIONS = '(?:,[A-Za-z][A-Za-z0-9]*=[^,\\0]+)*'
const BASE64 = '(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?'

const FIRST = new RegExp(
  `^(n,(?:a=(${SASLNAME}))?,)((?:m=[^,\\0]+,)?n=(${SASLNAME}),r=(${PRINTABLE})(${EXTENSIONS}))$`,
  'u',
)

const FINAL = new RegExp(`^(c=(${BASE64}),r=(${PRINTABLE})${EXTENSIONS}),p=(${BASE64})$`, 'u')

/** Null: not such a message, or one with an extension that must be understood. */
export function parseClientFirst(text: string): ClientFirst | null {
  const [, gs2Header, authorizationId = '', bare, name, nonce, extensions = ''] = FIRST.exec(text) ?? []
  if (gs2Header === undefined || bare === undefined || name === undefined || nonce === undefined) return null
  return {
    gs2Header,
    bare,
    authorizationId: unescapeName(authorizationId),
    name: unescapeName(name),
    nonce,
    extensions: extensionsOf(extensions),
  }
}

export function parseClientFinal(text: string): ClientFinal | null {
  const [, withoutProof, binding, nonce, proof] = FINAL.exec(text) ?? []
  if (withoutProof === undefined || binding === undefined || nonce === undefined || proof === undefined) return null
  return {
    withoutProof,
    channelBinding: Buffer.from(binding, 'base64'),
    nonce,
    proof: Buffer.from(proof, 'base64'),
  }
}

export function serverFirst(nonce: string, salt: Uint8Array, iterations: number): string {
  return `r=${nonce},s=${Buffer.from(salt).toString('base64')},i=${iterations}`
}

const unescapeName = (text: string): string => text.replaceAll('=2C', ',').replaceAll('=3D', '=')

function extensionsOf(text: string): ReadonlyMap<string, string> {
  const extensions = new Map<string, string>()
  for (const item of text.split(',').filter((part) => part !== '')) {
    const sign = item.indexOf('=')
    extensions.set(item.slice(0, sign), item.slice(sign + 1))
  }
  return extensions
}
