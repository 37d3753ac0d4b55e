import { forbiddenFindings } from './forbidden.ts'
import { sourceTree } from './source-tree.ts'

const findings = (path: string, text: string) =>
  forbiddenFindings(sourceTree(new Map([[path, text]]))).map(({ line, message }) => `${line}: ${message}`)

const ORDINARY = 'packages/broker/src/a.ts'

test.each([
  ['Date.now()'],
  ['new Date()'],
  ['performance.now()'],
  ['process.hrtime()'],
  ['process.hrtime.bigint()'],
  ['Math.random()'],
  ["Math['random']()"],
  ['const { random } = Math'],
  ['crypto.randomUUID()'],
  ['setTimeout(f, 1)'],
  ['setInterval(f, 1)'],
  ['setImmediate(f)'],
  ['globalThis.setTimeout(f, 1)'],
  ["globalThis['Date']"],
  ['global.setTimeout(f, 1)'],
  ["import fs from 'node:fs'"],
  ["import { readFile } from 'node:fs/promises'"],
  ["import 'fs'"],
  ["export const f = () => import('node:net')"],
  ["const tls = require('node:tls')"],
  ["import { spawn } from 'node:child_process'"],
  ["import { setTimeout as wait } from 'node:timers/promises'"],
  ["import { performance as p } from 'node:perf_hooks'"],
  ["import { randomBytes } from 'node:crypto'"],
  ["import * as crypto from 'node:crypto'"],
])('%s is found', (text) => {
  expect(findings(ORDINARY, `\n${text}`)).toEqual([expect.stringMatching(/^2: .*is forbidden here/)])
})

test.each([
  ['a method of that name', 'clock.setTimeout(f)'],
  ['a parameter of that name', 'const f = (performance: Clock) => performance.now()'],
  ['other arithmetic', 'Math.max(1, 2)'],
  ['a hash', "import { createHash, createHmac, timingSafeEqual } from 'node:crypto'"],
  ['paths', "import { join } from 'node:path'"],
])('%s is allowed', (_, text) => {
  expect(findings(ORDINARY, text)).toEqual([])
})

test.each([
  ['packages/core/src/system-clock.ts', 'setTimeout(f, Date.now())'],
  ['packages/core/src/system-prng.ts', "import { randomBytes } from 'node:crypto'"],
  ['packages/log/src/fs/disk-fs.ts', "import fs from 'node:fs'"],
  ['packages/broker/src/connection.ts', "import net from 'node:net'"],
  ['packages/cli/src/probe.ts', "import net from 'node:net'"],
  ['packages/broker/src/a.test.ts', 'setTimeout(f, 1)'],
  ['packages/broker/src/a-fixture.ts', 'setImmediate(f)'],
  ['packages/tooling/src/a.ts', "import fs from 'node:fs'"],
  ['integration/kafkajs/a.ts', "import { spawn } from 'node:child_process'"],
])('%s may say %s', (path, text) => {
  expect(findings(path, text)).toEqual([])
})

test('a place is open for its own purpose only', () => {
  expect(findings('packages/log/src/disk-fs.ts', "import 'node:net'\nDate.now()")).toHaveLength(2)
  expect(findings('packages/core/src/system-prng.ts', "import 'node:fs'\nsetTimeout(f)")).toHaveLength(2)
})
