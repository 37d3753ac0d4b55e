'use strict'
// What a fresh clone needs before it can run: packages, the generated codec, the bundle. Each step leaves a stamp of all
// it was made from, and runs again only when that has changed. Plain JavaScript, since nothing is installed before.
const { createHash } = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')

const root = path.resolve(__dirname, '../../..')
const at = (...parts) => path.join(root, ...parts)

/** Packages that end up in the bundle. */
const BUNDLED = ['core', 'protocol', 'records', 'log', 'coordinators', 'broker', 'cli']
const GENERATED = at('packages/protocol/src/generated')
const BUNDLE = at('dist/odradek.cjs')

/** Progress goes to stderr: stdout is for the broker's one line. */
const say = (line) => process.stderr.write(`${line}\n`)

function fail(line) {
  say(`odradek: ${line}`)
  process.exit(1)
}

const textOf = (file) => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : null)

/**
 * Every file below `directory`, an absolute path, that can change what is built, in a stable order. Paths are joined and cut
 * by hand, here and in `hashOf`: with `path.join` and `path.relative` each `npm start` took 25 ms longer.
 */
function* filesBelow(directory) {
  const entries = fs.readdirSync(directory, { withFileTypes: true })
  entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const entry of entries) {
    const file = directory + path.sep + entry.name
    if (entry.isDirectory()) {
      if (file !== GENERATED && entry.name !== 'node_modules') yield* filesBelow(file)
    } else if (!/\.(test|fuzz|bench)\.ts$/.test(entry.name)) {
      yield file
    }
  }
}

function hashOf(words, files, ofFile) {
  const hash = createHash('sha256')
  for (const word of words) hash.update(`${word}\0`)
  for (const file of files) hash.update(`${file.slice(root.length + 1)}\0`).update(ofFile(file))
  return hash.digest('hex')
}

function sizeAndTime(file) {
  const { size, mtimeMs } = fs.statSync(file)
  return `${size} ${mtimeMs}\0`
}

/**
 * Runs `make` unless `product` is there and `stamp` says that it was made from the same `words` and `files`. Sizes and times tell at once that nothing
 * has changed; where they differ the contents decide, so that a fresh checkout of the same sources is made only once.
 */
function once(stamp, product, words, files, make) {
  const quick = hashOf(words, files, sizeAndTime)
  const [lastQuick, lastContents] = textOf(stamp)?.split('\n') ?? []
  const isThere = fs.existsSync(product)
  if (quick === lastQuick && isThere) return
  const contents = hashOf(words, files, (file) => fs.readFileSync(file))
  if (contents !== lastContents || !isThere) make()
  fs.mkdirSync(path.dirname(stamp), { recursive: true })
  fs.writeFileSync(stamp, `${quick}\n${contents}`)
}

function manifests() {
  const packages = fs.readdirSync(at('packages')).map((name) => at('packages', name, 'package.json'))
  return [at('package.json'), at('package-lock.json'), at('integration/package.json'), ...packages].filter(
    fs.existsSync,
  )
}

/** Runs npm as npm itself was run, if it was; its output goes to stderr. */
function npm(args) {
  const { spawnSync } = require('node:child_process')
  const script = process.env.npm_execpath
  const own = script !== undefined && /npm-cli\.c?js$/.test(script)
  const [command, first] = own ? [process.execPath, [script]] : ['npm', []]
  return spawnSync(command, [...first, ...args], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: !own && process.platform === 'win32',
  })
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 20)) return
  fail(`Node.js ${process.versions.node} is too old: install Node.js 20.20 or newer`)
}

function ensureInstalled() {
  const platform = [process.version, process.platform, process.arch]
  once(at('node_modules/.odradek-installed'), at('node_modules/esbuild'), platform, manifests(), () => {
    say('odradek: installing packages (only the first time, and when they change)')
    // `install --no-save` checks every hash of the lock file and leaves the file as it is; NODE_ENV must not leave out the tools.
    const flags = ['--no-save', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
    const { status, error } = npm(['install', ...flags])
    if (error) fail(`npm could not be started (${error.message}): is it on the PATH?`)
    if (status !== 0) fail('npm install failed, see above; nothing was started')
  })
}

let knownCodecInputs
function codecInputs() {
  knownCodecInputs ??= [...filesBelow(at('protocol-specs')), ...filesBelow(at('packages/protocol/generator'))]
  return knownCodecInputs
}

function ensureGenerated() {
  // The stamp lies with what it vouches for: they go together.
  once(path.join(GENERATED, '.stamp'), path.join(GENERATED, 'apis.ts'), [], codecInputs(), () => {
    const { spawnSync } = require('node:child_process')
    const generator = ['--import', tsxUrl(), at('packages/protocol/generator/main.ts')]
    const { status } = spawnSync(process.execPath, generator, { stdio: ['ignore', 2, 2] })
    if (status !== 0) fail('the codec could not be generated, see above')
  })
}

function ensureBundle() {
  const sources = BUNDLED.flatMap((name) => [
    at('packages', name, 'package.json'),
    ...filesBelow(at('packages', name, 'src')),
  ])
  const tools = [
    at('package-lock.json'),
    ...['bundle.cjs', 'compiled-form.cjs'].map((name) => path.join(__dirname, name)),
  ]
  once(at('dist/.stamp'), BUNDLE, [process.version], [...tools, ...codecInputs(), ...sources], () => {
    require('./bundle.cjs').bundle(root, BUNDLE)
  })
}

/** tsx by its own address, so that the working directory need not be this repository. */
function tsxUrl() {
  return require('node:url').pathToFileURL(require.resolve('tsx', { paths: [root] })).href
}

/** For programs that cannot go on without it. */
function requireBundle() {
  try {
    ensureBundle()
  } catch (error) {
    fail(`the bundle could not be built: ${error.message.split('\n')[0]}`)
  }
}

module.exports = {
  root,
  BUNDLE,
  say,
  requireNode,
  ensureInstalled,
  ensureGenerated,
  ensureBundle,
  requireBundle,
  tsxUrl,
}
