import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(__dirname, '../../../..')
const definitions = readFileSync(join(root, 'packages/broker/src/config/definitions/odradek-configs.ts'), 'utf8')
const text = readFileSync(join(root, 'docs/settings.md'), 'utf8')

const keysIn = (source: string, pattern: RegExp) => [...source.matchAll(pattern)].map(([, key]) => key).sort()

test('docs/settings.md lists every key that only odradek has, and no other', () => {
  const defined = keysIn(definitions, /^ {2}\['(odradek\.[\w.]+)'/gm)
  expect(defined.length).toBeGreaterThan(5)
  expect(keysIn(text, /^\| `(odradek\.[\w.]+)` \|(?! acks)/gm)).toEqual(defined)
})
