import { type SourceFacts, sourceFacts } from './source-facts.ts'

/** Texts of files by their path from the repository's root, with `/` between the parts. */
export type Texts = ReadonlyMap<string, string>

export interface SourceFile {
  readonly path: string
  readonly text: string
  readonly facts: SourceFacts
}

/** What a workspace's package.json says, as far as imports go. */
export interface Workspace {
  /** Directory from the root: `packages/core`. */
  readonly directory: string
  /** Name without the scope: `core`. */
  readonly name: string
  /** Files by subpath: `.` and `./wire`. */
  readonly entries: ReadonlyMap<string, string>
  readonly dependencies: ReadonlySet<string>
}

export interface SourceTree {
  readonly files: ReadonlyMap<string, SourceFile>
  readonly workspaces: readonly Workspace[]
  /** Packages of the root's package.json: tools and what tests use. */
  readonly rootDependencies: ReadonlySet<string>
  workspaceOf(path: string): Workspace | undefined
  /** The file that `specifier` stands for in `from`; null for packages from outside and for Node's own. */
  resolve(from: string, specifier: string): string | null
}

/** A finding, as `path:line: what and what to do`. */
export interface Finding {
  readonly path: string
  readonly line: number
  readonly message: string
}

export const SCOPE = '@odradek/'

export const isTest = (path: string): boolean => /\.(test|fuzz|bench)\.ts$/.test(path)
/** What several tests set up alike, `x-fixture.ts`: free as a test is, and for tests alone. */
export const isFixture = (path: string): boolean => path.endsWith('-fixture.ts')
/** Written by the generator: read for what it imports, not judged. */
export const isGenerated = (path: string): boolean => /\/(generated|golden)\//.test(path)

export function sourceTree(texts: Texts): SourceTree {
  const files = new Map<string, SourceFile>()
  for (const [path, text] of texts) {
    if (path.endsWith('.ts'))
      files.set(path, { path, text, facts: sourceFacts(isGenerated(path) ? linksOf(text) : text) })
  }
  const workspaces = [...texts].flatMap(([path, text]) => workspaceFrom(path, text))
  const workspaceOf = (path: string) => workspaces.find(({ directory }) => path.startsWith(`${directory}/`))
  return {
    files,
    workspaces,
    rootDependencies: dependenciesOf(JSON.parse(texts.get('package.json') ?? '{}')),
    workspaceOf,
    resolve: (from, specifier) =>
      specifier.startsWith('.') ? joinPath(from, specifier) : (entryOf(workspaces, specifier) ?? null),
  }
}

/** What a generated file leads to; the rest of it is not judged, and long. */
function linksOf(text: string): string {
  return text.match(/^(import|export) [^\n]* from '[^\n]*'$/gm)?.join('\n') ?? ''
}

function workspaceFrom(path: string, text: string): readonly Workspace[] {
  const match = /^((?:packages\/)?([\w-]+))\/package\.json$/.exec(path)
  if (match === null) return []
  const [, directory = '', name = ''] = match
  const manifest: { exports?: Record<string, string> } = JSON.parse(text)
  const entries = Object.entries(manifest.exports ?? {})
  return [
    {
      directory,
      name,
      entries: new Map(entries.map(([subpath, file]) => [subpath, joinPath(path, file)])),
      dependencies: dependenciesOf(manifest),
    },
  ]
}

function dependenciesOf(manifest: object): ReadonlySet<string> {
  const names = new Set<string>()
  for (const [field, value] of Object.entries(manifest)) {
    if (/dependencies$/i.test(field)) for (const name of Object.keys(value)) names.add(name)
  }
  return names
}

function entryOf(workspaces: readonly Workspace[], specifier: string): string | undefined {
  const match = /^@odradek\/([\w-]+)(\/.+)?$/.exec(specifier)
  const workspace = workspaces.find(({ name }) => name === match?.[1])
  return workspace?.entries.get(`.${match?.[2] ?? ''}`)
}

/** `relative` as seen from the file `from`. */
function joinPath(from: string, relative: string): string {
  const parts = from.split('/').slice(0, -1)
  for (const part of relative.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}
