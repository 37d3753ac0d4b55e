import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Texts } from './source-tree.ts'

const SKIPPED: ReadonlySet<string> = new Set(['node_modules', 'dist', 'coverage', 'target', '.build'])
const READ = /\.(ts|cjs|mjs|json)$/

/** Sources and manifests of a repository. */
export function readTexts(root: string): Texts {
  const texts = new Map<string, string>()
  for (const top of ['packages', 'integration']) gather(root, top, texts)
  texts.set('package.json', readFileSync(join(root, 'package.json'), 'utf8'))
  return texts
}

function gather(root: string, directory: string, texts: Map<string, string>): void {
  for (const entry of readdirSync(join(root, directory), { withFileTypes: true })) {
    const path = `${directory}/${entry.name}`
    if (entry.isDirectory()) {
      if (!SKIPPED.has(entry.name)) gather(root, path, texts)
    } else if (READ.test(entry.name) && (!entry.name.endsWith('.json') || entry.name === 'package.json')) {
      texts.set(path, readFileSync(join(root, path), 'utf8'))
    }
  }
}

/** Entries of the top level, less what installing, building and running leave there. */
export function topLevelEntries(root: string): readonly string[] {
  return readdirSync(root).filter((name) => !SKIPPED.has(name))
}
