'use strict'
// `npm test`: prepares what is missing, checks types and style, runs every suite; the last line counts them all.
// `npm test -- PATTERN` runs the suites that match, and nothing else.
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { root, say, requireNode, ensureInstalled, ensureGenerated, ensureBundle } = require('./prepare.cjs')

requireNode()
ensureInstalled()
ensureGenerated()

const binary = (packageName, name) => {
  const manifest = require.resolve(`${packageName}/package.json`, { paths: [root] })
  const { bin } = require(manifest)
  return path.join(path.dirname(manifest), typeof bin === 'string' ? bin : bin[name])
}
const run = (script, args, env = {}) =>
  spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
    .status === 0

const totals = { passed: 0, failed: 0, skipped: 0 }

function check(name, holds) {
  const ok = holds()
  totals[ok ? 'passed' : 'failed'] += 1
  say(`${name}: ${ok ? 'passed' : 'failed'}`)
}

/** Suites that start a broker process need it; esbuild has said on stderr what is wrong. */
function bundles() {
  try {
    ensureBundle()
    return true
  } catch {
    return false
  }
}

function suites(args) {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'odradek-test-')), 'totals.json')
  const config = 'packages/tooling/jest/jest.config.mjs'
  const ok = run(binary('jest', 'jest'), ['--config', config, ...args], { TEST_TOTALS_FILE: file })
  const counted = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : { passed: 0, failed: 0, skipped: 0 }
  for (const name of Object.keys(totals)) totals[name] += counted[name]
  // A suite that does not even load, or a run that ends early, has no failed test to count.
  if (!ok && counted.failed === 0) totals.failed += 1
  fs.rmSync(path.dirname(file), { recursive: true })
}

const patterns = process.argv.slice(2)
check('bundle', bundles)
if (patterns.length === 0) {
  check('types', () => run(binary('typescript', 'tsc'), ['-p', '.']))
  check('style', () => run(binary('@biomejs/biome', 'biome'), ['check', '.']))
}
suites(patterns)
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)
process.exitCode = totals.failed === 0 ? 0 : 1
