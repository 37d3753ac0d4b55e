'use strict'
const { createHash } = require('node:crypto')
const fs = require('node:fs')
const { wrap } = require('node:module')
const path = require('node:path')
const { compiledForm } = require('./compiled-form.cjs')

/**
 * Native and WebAssembly packages stay outside: they load their binary from beside themselves, and only on first use. kafkajs
 * is for the commands that produce and consume, and would make every start of a broker read it.
 */
const EXTERNAL = ['lz4-napi', 'snappy', '@foxglove/wasm-zstd', 'kafkajs']

/**
 * Packages that most brokers never use, and that are imported where they are first needed: each is a file of its own, since
 * the text of the main one is read at every start and stays in memory.
 */
const LATE = ['jks-js', 'jose', 'node-forge', 'prom-client', 'protobufjs/minimal.js', 're2js']

/** Modules of Node that a start needs nothing of, and that take it some milliseconds: loaded when something of theirs is used. */
const LATE_OF_NODE = ['child_process', 'dns/promises', 'http', 'tls', 'zlib']

/**
 * How much V8 puts in place of calls within one function that it optimizes; 920 is its own choice. A request goes through many
 * small functions of many layers: with more room producing 200 B over 100 connections takes 6 % less time outside the kernel
 * (1.56 to 1.46 times the time in it, medians of 12 rounds in turns), and records are read in three fifths of the time.
 */
const INLINED_BYTECODE_BYTES_MAX = 2000
/** When a start is over: setting flags takes 3 ms, most of it for the module. */
const FLAGS_AFTER_MS = 250

/**
 * Writes the program to `target`: a loader, and beside it the bundle, V8's compiled form of it, which saves Node the better
 * part of its start, and the late packages. CommonJS, because Node loads an ES module through its thread pool, whose size is
 * then fixed before the first line of ours could set it. Not minified: Node compiles the readable form faster, and stack
 * traces stay true. All our modules are one scope as long as none is imported by `import()`: that would make esbuild wrap it
 * and all that it imports into functions, with an object of getters for each, 10 ms of every start.
 */
function bundle(root, target) {
  const directory = path.dirname(target)
  fs.mkdirSync(directory, { recursive: true })
  const late = Object.fromEntries(LATE.map((name) => [name, writeLate(root, directory, name)]))
  // Wrapped in the file already: the loader's string is then the file's bytes, and no copy of them is made.
  const text = wrap(bundleText(root))
  // V8 compares only the length of the text with its compiled form; the name binds the two together.
  const name = `broker.${hashOf(process.version, text)}.cjs`
  const file = path.join(directory, name)
  const loader = loaderText(name, late)
  writeWhole(`${file}.cache`, compiledForm(file, text))
  writeWhole(file, text)
  writeWhole(target, loader)
  for (const other of fs.readdirSync(directory)) {
    if (/^broker\.\w+\.cjs/.test(other) && !other.startsWith(name))
      fs.rmSync(path.join(directory, other), { force: true })
  }
}

const hashOf = (...texts) =>
  texts
    .reduce((hash, text) => hash.update(text), createHash('sha256'))
    .digest('hex')
    .slice(0, 16)

const BUILD = {
  write: false,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  logLevel: 'warning',
}

function bundleText(root) {
  const { outputFiles } = require('esbuild').buildSync({
    ...BUILD,
    entryPoints: [path.join(root, 'packages/cli/src/main.ts')],
    absWorkingDir: root,
    external: [...EXTERNAL, ...LATE],
    // Becomes `require`, which the loader gives.
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: "'use strict'\nconst bundleUrl = require('node:url').pathToFileURL(__filename).href" },
  })
  return outputFiles[0].text
}

/**
 * One late package; returns the name of its file. Those of earlier builds stay: a broker that runs may yet ask for one.
 */
function writeLate(root, directory, name) {
  const { outputFiles } = require('esbuild').buildSync({
    ...BUILD,
    stdin: { contents: `module.exports = require('${name}')`, resolveDir: path.join(root, 'packages/broker/src') },
    absWorkingDir: root,
  })
  const { text } = outputFiles[0]
  const file = `${name.replace(/[^\w-].*$/, '')}.${hashOf(text)}.cjs`
  writeWhole(path.join(directory, file), text)
  return file
}

/** Also works without the compiled form, and with one that another version of Node has made: only slower. */
function loaderText(name, late) {
  return `#!/usr/bin/env node
'use strict'
const fs = require('node:fs')
const path = require('node:path')
const vm = require('node:vm')
const filename = path.join(__dirname, '${name}')
const late = ${JSON.stringify(late, null, 2)}
const lateOfNode = ${JSON.stringify(LATE_OF_NODE)}
function load(name) {
  if (lateOfNode.includes(name.replace('node:', ''))) return whenUsed(name)
  if (!Object.hasOwn(late, name)) return require(name)
  const file = path.join(__dirname, late[name])
  if (!fs.existsSync(file)) throw new Error(file + ' is missing: the files beside odradek.cjs belong to it; build anew, or copy all of them')
  return require(file)
}
load.main = require.main
function whenUsed(name) {
  return new Proxy({}, { get: (_, key) => require(name)[key] })
}
let cachedData
try {
  cachedData = fs.readFileSync(filename + '.cache')
} catch {}
const script = new vm.Script(fs.readFileSync(filename, 'latin1'), { filename, cachedData })
script.runInThisContext()(exports, load, module, filename, __dirname)
setTimeout(() => {
  require('node:v8').setFlagsFromString('--max-inlined-bytecode-size-cumulative=${INLINED_BYTECODE_BYTES_MAX}')
}, ${FLAGS_AFTER_MS}).unref()
`
}

/** In one step, so that a broker started meanwhile sees the old file or the new one. */
function writeWhole(file, content) {
  const unfinished = `${file}.${process.pid}`
  fs.writeFileSync(unfinished, content)
  fs.renameSync(unfinished, file)
}

module.exports = { bundle }
