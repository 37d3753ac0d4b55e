import { type Finding, isFixture, isGenerated, isTest, type SourceFile, type SourceTree } from './source-tree.ts'

/** Time, randomness, disk and network are parameters; these are the few files that reach for the real thing. */
interface Place {
  readonly files: RegExp
  readonly globals: readonly string[]
  readonly modules: readonly string[]
}

const PLACES: readonly Place[] = [
  {
    files: /^packages\/core\/src\/system-clock\.ts$/,
    globals: ['Date', 'performance', 'setTimeout', 'clearTimeout', 'setImmediate'],
    modules: [],
  },
  { files: /^packages\/core\/src\/system-prng\.ts$/, globals: [], modules: ['crypto'] },
  { files: /^packages\/log\/src\/(.+\/)?disk-[\w-]+\.ts$/, globals: [], modules: ['fs', 'fs/promises'] },
  {
    files: /^packages\/broker\/src\/(.+\/)?[\w-]*(listener|connection|socket)[\w-]*\.ts$/,
    globals: [],
    modules: ['net', 'tls'],
  },
  // A Clock's time in the form that the library for tokens asks for.
  { files: /^packages\/broker\/src\/security\/sasl\/bearer-tokens\.ts$/, globals: ['Date'], modules: [] },
  // Serves metrics and health; nothing else speaks HTTP.
  { files: /^packages\/broker\/src\/http\/http-listener\.ts$/, globals: [], modules: ['http'] },
  // Loads the WebAssembly binary that the package ships, as `require` would if it could.
  { files: /^packages\/records\/src\/compression\/zstd-module\.ts$/, globals: [], modules: ['fs'] },
  // Connections that this project opens: to ask a running broker whether it is well, and the commands for people.
  {
    files: /^packages\/cli\/src\/(probe|client\/((secure-)?transport|kafka-connection))\.ts$/,
    globals: [],
    modules: ['net', 'tls'],
  },
]

/** Not part of what runs in production: tests, tools, and other people's clients. */
const FREE = /^(integration|packages\/tooling)\/|\/(generator|scripts|contract|vectors)\//

const GLOBALS: Readonly<Record<string, string>> = {
  Date: 'take a Clock',
  performance: 'take a Clock',
  setTimeout: 'take a Clock',
  setInterval: 'take a Clock',
  setImmediate: 'take a Clock',
  clearTimeout: 'take a Clock',
  clearInterval: 'take a Clock',
  clearImmediate: 'take a Clock',
  'process.hrtime': 'take a Clock',
  'process.uptime': 'take a Clock',
  'Math.random': 'take a Prng',
  crypto: 'take a Prng',
  globalThis: 'name what is needed as a parameter',
  global: 'name what is needed as a parameter',
}

/** Objects that may be used, but not passed on whole: something forbidden could be taken out of them elsewhere. */
const GUARDED = ['Math']

const MODULES: Readonly<Record<string, string>> = {
  fs: 'take an Fs',
  'fs/promises': 'take an Fs',
  net: 'only sockets of the broker use it',
  tls: 'only sockets of the broker use it',
  dgram: 'there is no place for it',
  http: 'only the listener of metrics uses it',
  http2: 'there is no place for it',
  https: 'there is no place for it',
  child_process: 'there is no place for it',
  cluster: 'there is no place for it',
  timers: 'take a Clock',
  'timers/promises': 'take a Clock',
  perf_hooks: 'take a Clock',
}

export function forbiddenFindings(tree: SourceTree): readonly Finding[] {
  const files = [...tree.files.values()].filter(
    ({ path }) => !isTest(path) && !isFixture(path) && !isGenerated(path) && !FREE.test(path),
  )
  const findings = files.flatMap((file) => [...globalFindings(file), ...moduleFindings(file)])
  // An import of several names is one finding.
  return [
    ...new Map(findings.map((finding) => [`${finding.path}:${finding.line} ${finding.message}`, finding])).values(),
  ]
}

function placesOf(path: string): readonly Place[] {
  return PLACES.filter(({ files }) => files.test(path))
}

function globalFindings(file: SourceFile): readonly Finding[] {
  const allowed = placesOf(file.path).flatMap(({ globals }) => globals)
  return file.facts.globals.flatMap(({ name, line }) => {
    const forbidden = forbiddenGlobal(name)
    if (forbidden === null || allowed.includes(forbidden)) return []
    const remedy = GLOBALS[forbidden] ?? 'use its members one by one'
    return [{ path: file.path, line, message: `${name} is forbidden here: ${remedy}` }]
  })
}

/** The name in the table that a use of `name` comes down to. */
function forbiddenGlobal(name: string): string | null {
  const [object = ''] = name.split('.')
  if (name in GLOBALS) return name
  if (object in GLOBALS) return object
  return GUARDED.includes(name) ? name : null
}

function moduleFindings(file: SourceFile): readonly Finding[] {
  const allowed = placesOf(file.path).flatMap(({ modules }) => modules)
  return file.facts.imports.flatMap(({ specifier, name, line }) => {
    const module = specifier.replace(/^node:/, '')
    const remedy = module === 'crypto' ? cryptoRemedy(name) : MODULES[module]
    if (remedy === undefined || allowed.includes(module)) return []
    return [{ path: file.path, line, message: `${specifier} is forbidden here: ${remedy}` }]
  })
}

/** Hashes and signatures are pure and may be imported by name; what draws random bits may not. */
function cryptoRemedy(name: string): string | undefined {
  if (/^(random|getRandom|generate|webcrypto|subtle)/.test(name)) return 'take a Prng'
  return name === '*' || name === 'default' ? 'import the hash functions by name' : undefined
}
