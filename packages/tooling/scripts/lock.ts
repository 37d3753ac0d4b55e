import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { completeLock, type LockFile, registryHosts } from '../src/lock/complete-lock.ts'

/** `npm run lock`: brings package-lock.json in line with the package.json files, for every platform. */
const path = join(import.meta.dirname, '../../../package-lock.json')
execFileSync('npm', ['install', '--package-lock-only', '--ignore-scripts'], { stdio: 'inherit' })
const lock: LockFile = JSON.parse(readFileSync(path, 'utf8'))
for (const entry of registryHosts(lock)) console.error(`names a registry: ${entry}; is .npmrc in force?`)
writeFileSync(path, `${JSON.stringify(completeLock(lock), null, 2)}\n`)
