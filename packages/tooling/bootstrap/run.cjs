'use strict'
// `node run.cjs FILE.ts ARGUMENTS`: the scripts of package.json; each works in a fresh clone, as start and test do.
const { spawn } = require('node:child_process')
const path = require('node:path')
const { root, requireNode, ensureInstalled, ensureGenerated, requireBundle, tsxUrl } = require('./prepare.cjs')

const [file, ...args] = process.argv.slice(2)

requireNode()
ensureInstalled()
ensureGenerated()
// Only programs of the integration workspace start broker processes.
if (file.startsWith('integration/')) requireBundle()

const child = spawn(process.execPath, ['--import', tsxUrl(), path.resolve(root, file), ...args], { stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === null ? 1 : 128)
})
