import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { completeLock, type LockFile, missingPlatformPackages, registryHosts } from './complete-lock.ts'

const root = join(__dirname, '../../../..')
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as LockFile

const partial: LockFile = {
  packages: {
    '': {},
    'node_modules/tool': {
      version: '1.2.3',
      dev: true,
      engines: { node: '>=10' },
      optionalDependencies: {
        '@tool/cli-darwin-arm64': '1.2.3',
        '@tool/cli-linux-x64': '1.2.3',
        '@tool/cli-linux-x64-musl': '1.2.3',
      },
    },
    'node_modules/@tool/cli-linux-x64': { version: '1.2.3' },
    'packages/own': { version: '0.0.0' },
    'node_modules/own': { resolved: 'packages/own', link: true },
  },
}

test('the lock file of this repository has an entry for every platform', () => {
  expect(missingPlatformPackages(lock).map(({ path }) => path)).toEqual([])
})

test('the lock file of this repository names no registry', () => {
  expect(registryHosts(lock)).toEqual([])
})

test('a binary package of another platform is added where it is missing, and only there', () => {
  expect(missingPlatformPackages(partial)).toEqual([
    {
      path: 'node_modules/@tool/cli-darwin-arm64',
      entry: { version: '1.2.3', cpu: ['arm64'], dev: true, optional: true, os: ['darwin'], engines: { node: '>=10' } },
    },
    {
      path: 'node_modules/@tool/cli-linux-x64-musl',
      entry: {
        version: '1.2.3',
        cpu: ['x64'],
        dev: true,
        libc: ['musl'],
        optional: true,
        os: ['linux'],
        engines: { node: '>=10' },
      },
    },
  ])
  const completed = completeLock(partial)
  expect(missingPlatformPackages(completed)).toEqual([])
  expect(Object.keys(completed.packages)[0]).toBe('')
  expect(Object.keys(completed.packages)).toHaveLength(7)
})

test('an optional package without a platform in its name is not guessed', () => {
  expect(() =>
    missingPlatformPackages({ packages: { 'node_modules/a': { optionalDependencies: { b: '1.0.0' } } } }),
  ).toThrow('no platform in the name of b@1.0.0')
})

test('an entry that names a registry host is found', () => {
  const bound = { packages: { 'node_modules/a': { resolved: 'https://registry.example/a/-/a-1.0.0.tgz' } } }
  expect(registryHosts(bound)).toEqual(['node_modules/a: https://registry.example/a/-/a-1.0.0.tgz'])
  expect(registryHosts(partial)).toEqual([])
})
