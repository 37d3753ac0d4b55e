'use strict'
const { createHash } = require('node:crypto')
const fs = require('node:fs')
const { wrap } = require('node:module')
const path = require('node:path')
const vm = require('node:vm')

/**
 * Native and WebAssembly packages stay outside: they load their binary from beside themselves, and only on first use. kafkajs
 * is for the commands that produce and consume, and would make every start of a broker read it.
 */
const EXTERNAL = ['lz4-napi', 'snappy', '@foxglove/wasm-zstd', 'kafkajs']

/**
 * Writes the program to `target`: a loader, and beside it the bundle with V8's compiled form of it, which saves Node the
 * better part of its start. CommonJS, because Node loads an ES module through its thread pool, whose size is then fixed
 * before the first line of ours could set it. Not minified: Node compiles the readable form faster, and stack traces stay true.
 */
function bundle(root, target) {
  const text = bundleText(root)
  // V8 compares only the length of the text with its compiled form; the name binds the two together.
  const name = `broker.${createHash('sha256').update(process.version).update(text).digest('hex').slice(0, 16)}.cjs`
  const directory = path.dirname(target)
  const file = path.join(directory, name)
  fs.mkdirSync(directory, { recursive: true })
  const script = new vm.Script(wrap(text), { filename: file })
  writeWhole(`${file}.cache`, script.createCachedData())
  writeWhole(file, text)
  writeWhole(target, loaderText(name))
  for (const other of fs.readdirSync(directory)) {
    if (/^broker\.\w+\.cjs/.test(other) && !other.startsWith(name))
      fs.rmSync(path.join(directory, other), { force: true })
  }
}

function bundleText(root) {
  const { outputFiles } = require('esbuild').buildSync({
    entryPoints: [path.join(root, 'packages/cli/src/main.ts')],
    absWorkingDir: root,
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: EXTERNAL,
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: "'use strict'\nconst bundleUrl = require('node:url').pathToFileURL(__filename).href" },
    logLevel: 'warning',
  })
  return outputFiles[0].text
}

/** Also works without the compiled form, and with one that another version of Node has made: only slower. */
function loaderText(name) {
  return `#!/usr/bin/env node
'use strict'
const fs = require('node:fs')
const path = require('node:path')
const vm = require('node:vm')
const filename = path.join(__dirname, '${name}')
const source = require('node:module').wrap(fs.readFileSync(filename, 'latin1'))
let cachedData
try {
  cachedData = fs.readFileSync(filename + '.cache')
} catch {}
const importModuleDynamically = vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER
const script = new vm.Script(source, { filename, cachedData, importModuleDynamically })
script.runInThisContext()(exports, require, module, filename, __dirname)
`
}

/** In one step, so that a broker started meanwhile sees the old file or the new one. */
function writeWhole(file, content) {
  const unfinished = `${file}.${process.pid}`
  fs.writeFileSync(unfinished, content)
  fs.renameSync(unfinished, file)
}

module.exports = { bundle }
