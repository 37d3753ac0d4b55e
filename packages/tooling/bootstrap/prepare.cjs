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

function stamp(file, value) {
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, value)
}

/** Every file below `directory` that can change what is built, in a stable order. */
function* filesBelow(directory) {
  const entries = fs.readdirSync(directory, { withFileTypes: true })
  entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const entry of entries) {
    const file = path.join(directory, entry.name)
    if (entry.isDirectory()) {
      if (file !== GENERATED && entry.name !== 'node_modules') yield* filesBelow(file)
    } else if (!/\.(test|fuzz|bench)\.ts$/.test(entry.name)) {
      yield file
    }
  }
}

function hashOf(words, files) {
  const hash = createHash('sha256')
  for (const word of words) hash.update(`${word}\0`)
  for (const file of files) {
    hash.update(`${path.relative(root, file)}\0`)
    hash.update(fs.readFileSync(file))
  }
  return hash.digest('hex')
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
  const file = at('node_modules/.odradek-installed')
  const want = hashOf([process.version, process.platform, process.arch], manifests())
  if (textOf(file) === want) return
  say('odradek: installing packages (only the first time, and when they change)')
  // `install --no-save` checks every hash of the lock file and leaves the file as it is; NODE_ENV must not leave out the tools.
  const { status, error } = npm([
    'install',
    '--no-save',
    '--include=dev',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ])
  if (error) fail(`npm could not be started (${error.message}): is it on the PATH?`)
  if (status !== 0) fail('npm install failed, see above; nothing was started')
  stamp(file, want)
}

const codecInputs = () => [...filesBelow(at('protocol-specs')), ...filesBelow(at('packages/protocol/generator'))]

function ensureGenerated() {
  const file = path.join(GENERATED, '.stamp')
  const want = hashOf([], codecInputs())
  if (textOf(file) === want) return
  const { spawnSync } = require('node:child_process')
  const generator = ['--import', tsxUrl(), at('packages/protocol/generator/main.ts')]
  const { status } = spawnSync(process.execPath, generator, { stdio: ['ignore', 2, 2] })
  if (status !== 0) fail('the codec could not be generated, see above')
  stamp(file, want)
}

function ensureBundle() {
  const file = at('dist/.stamp')
  const sources = BUNDLED.flatMap((name) => [
    at('packages', name, 'package.json'),
    ...filesBelow(at('packages', name, 'src')),
  ])
  const tools = [at('package-lock.json'), path.join(__dirname, 'bundle.cjs')]
  const want = hashOf([process.version], [...tools, ...codecInputs(), ...sources])
  if (textOf(file) === want && fs.existsSync(BUNDLE)) return
  require('./bundle.cjs').bundle(root, BUNDLE)
  stamp(file, want)
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
