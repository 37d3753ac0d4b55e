import { type ChildProcess, spawn } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { present } from '@odradek/core'
import { freePorts } from '../harness/free-ports.ts'

// `npm start` as in a fresh clone, but for the packages, which are those that this repository has installed.
const root = process.cwd()
const READY_MS_MAX = 60_000
const LEFT_OUT = new Set(['node_modules', 'dist', '.git', '.odradek', 'generated', 'target', '.build'])

let clone = ''
const children: ChildProcess[] = []

beforeAll(() => {
  clone = join(realpathSync(mkdtempSync(join(tmpdir(), 'odradek-'))), 'a clone with spaces')
  cpSync(root, clone, {
    recursive: true,
    filter: (source) =>
      !relative(root, source)
        .split(sep)
        .some((part) => LEFT_OUT.has(part)),
  })
  mkdirSync(join(clone, 'node_modules/@odradek'), { recursive: true })
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '@odradek') symlinkSync(join(root, 'node_modules', name), join(clone, 'node_modules', name))
  }
  for (const name of readdirSync(join(clone, 'packages'))) {
    symlinkSync(join(clone, 'packages', name), join(clone, 'node_modules/@odradek', name))
  }
})

afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(join(clone, '..'), { recursive: true, force: true })
})

/** `npm start` with a free port; resolves at the ready line. */
function start(more: readonly string[] = []): Promise<{ child: ChildProcess; port: number; stderr: () => string }> {
  const flags = ['--port', '0', '--data-dir', join(clone, '.odradek'), ...more]
  const child = spawn('npm', ['start', '--silent', '--', ...flags], { cwd: clone, stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  return new Promise((resolve, reject) => {
    let output = ''
    let errors = ''
    const timer = setTimeout(() => reject(new Error(`not ready: ${errors}`)), READY_MS_MAX)
    child.stderr.on('data', (chunk) => {
      errors += chunk
    })
    child.stdout.on('data', (chunk) => {
      output += chunk
      const port = /^ready localhost:(\d+)\n$/.exec(output)?.[1]
      if (port === undefined) return
      clearTimeout(timer)
      resolve({ child, port: Number(port), stderr: () => errors })
    })
    child.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`ended with ${code}: ${errors}`))
    })
  })
}

function stop(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.once('exit', resolve)
    child.kill('SIGTERM')
  })
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1')
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

const bundleTime = () => statSync(join(clone, 'dist/odradek.cjs')).mtimeMs

test('npm start prepares what is missing, once, and again when a source changes', async () => {
  const generated = join(clone, 'packages/protocol/src/generated/apis.ts')
  expect(existsSync(generated)).toBe(false)
  const first = await start()
  expect(existsSync(generated)).toBe(true)
  const built = bundleTime()
  expect(await answers(first.port)).toBe(true)
  await stop(first.child)

  const second = await start()
  expect(bundleTime()).toBe(built)
  await stop(second.child)

  appendFileSync(join(clone, 'packages/core/src/assert.ts'), '\n// changed\n')
  const third = await start()
  expect(bundleTime()).toBeGreaterThan(built)
  await stop(third.child)
}, 120_000)

test('the bundle is one scope: no module of ours is imported where it is used', () => {
  const dist = join(clone, 'dist')
  const name = present(
    readdirSync(dist).find((file) => /^broker\.\w+\.cjs$/.test(file)),
    'there is one',
  )
  expect(readFileSync(join(dist, name), 'latin1')).not.toContain('__esm(')
})

test('a SIGTERM to npm stops the broker cleanly', async () => {
  const { child, port, stderr } = await start()
  await stop(child)
  expect(stderr()).toContain('stopped')
  expect(await answers(port)).toBe(false)
}, 60_000)

/** What a broker that is asked for its metrics answers, and what it logs. */
async function scrape(): Promise<string> {
  const httpPort = await freePorts(1)
  const { child, stderr } = await start(['--http-port', String(httpPort)])
  const answer = await fetch(`http://127.0.0.1:${httpPort}/metrics`)
  const text = await answer.text()
  await stop(child)
  return `${text}\n${stderr()}`
}

test('a package for few lies beside the bundle, and a broker without it says which file is missing', async () => {
  const dist = join(clone, 'dist')
  const name = present(
    readdirSync(dist).find((file) => file.startsWith('prom-client.')),
    'the package is there',
  )
  expect(await scrape()).toContain('kafka_server_kafkaserver_brokerstate')
  renameSync(join(dist, name), join(dist, `away-${name}`))
  try {
    expect(await scrape()).toContain(`${join(dist, name)} is missing`)
  } finally {
    renameSync(join(dist, `away-${name}`), join(dist, name))
  }
}, 60_000)

test('a broker starts with a compiled form that is not its own, and without one', async () => {
  const dist = join(clone, 'dist')
  const cache = join(
    dist,
    present(
      readdirSync(dist).find((file) => file.endsWith('.cache')),
      'there is one',
    ),
  )
  const compiled = readFileSync(cache)
  // As another version of V8 would have it: its own mark at the front.
  for (const other of [Buffer.concat([Buffer.alloc(16, 0xff), compiled.subarray(16)]), Buffer.alloc(0), null]) {
    if (other === null) rmSync(cache)
    else writeFileSync(cache, other)
    const { child, port } = await start()
    expect(await answers(port)).toBe(true)
    await stop(child)
  }
  writeFileSync(cache, compiled)
}, 60_000)
