/** One login module of a JAAS configuration line. */
export interface JaasEntry {
  readonly module: string
  readonly options: ReadonlyMap<string, string>
}

const TOKEN = /\s*(?:"((?:\\.|[^"\\])*)"|([^\s=;"]+)|([=;]))/y

const FLAGS = ['required', 'requisite', 'sufficient', 'optional']

/**
 * Reads the one entry of a `sasl.jaas.config` value: `MODULE required NAME="VALUE" …;`. Null when it is none; what stands
 * in it never goes into a message, since passwords do.
 */
export function parseJaas(text: string): JaasEntry | null {
  const tokens = tokensOf(text.trim())
  if (tokens === null) return null
  const [module, flag, ...rest] = tokens
  if (module === undefined || flag === undefined || !FLAGS.includes(flag.toLowerCase())) return null
  if (rest.pop() !== ';') return null
  const options = new Map<string, string>()
  for (let index = 0; index < rest.length; index += 3) {
    const [name, sign, value] = rest.slice(index, index + 3)
    if (name === undefined || sign !== '=' || value === undefined) return null
    options.set(name, value)
  }
  return { module, options }
}

function tokensOf(text: string): string[] | null {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text)
    if (match === null) return null
    const [, quoted, bare, sign] = match
    tokens.push(quoted === undefined ? (bare ?? sign ?? '') : withoutEscapes(quoted))
  }
  return tokens
}

const withoutEscapes = (quoted: string): string => quoted.replaceAll(/\\(.)/g, '$1')

/** `user_NAME="PASSWORD"`: users of PlainLoginModule. */
export function plainUsersOf({ options }: JaasEntry): ReadonlyMap<string, string> {
  const users = new Map<string, string>()
  for (const [name, value] of options) if (name.startsWith('user_')) users.set(name.slice('user_'.length), value)
  return users
}
