'use strict'
const fs = require('node:fs')
const path = require('node:path')

/** Native and WebAssembly packages stay outside: they load their binary from beside themselves, and only on first use. */
const EXTERNAL = ['lz4-napi', 'snappy', '@foxglove/wasm-zstd']

/**
 * One CommonJS file. CommonJS, because Node loads an ES module through its thread pool, whose size is then fixed before
 * the first line of ours could set it. Not minified: Node compiles the readable form faster, and stack traces stay true.
 */
function bundle(root, target) {
  const { buildSync } = require('esbuild')
  fs.mkdirSync(path.dirname(target), { recursive: true })
  const unfinished = `${target}.${process.pid}`
  try {
    buildSync({
      entryPoints: [path.join(root, 'packages/cli/src/main.ts')],
      outfile: unfinished,
      absWorkingDir: root,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'cjs',
      external: EXTERNAL,
      define: { 'import.meta.url': 'bundleUrl' },
      banner: {
        js: "#!/usr/bin/env node\n'use strict'\nconst bundleUrl = require('node:url').pathToFileURL(__filename).href",
      },
      logLevel: 'warning',
    })
    // In one step, so that a broker started meanwhile sees the old file or the new one.
    fs.renameSync(unfinished, target)
  } finally {
    fs.rmSync(unfinished, { force: true })
  }
}

module.exports = { bundle }
