import { type Finding, isGenerated, isTest, type SourceFile, type SourceTree } from './source-tree.ts'

/** Exports of these are for people outside this repository. */
const PUBLIC_ENTRIES = ['packages/testing/src/index.ts']

/** Run by a person or by npm, so nobody imports them. */
const RUN_DIRECTLY =
  /^integration\/.*\.ts$|^packages\/[\w-]+\/scripts\/[\w-]+\.ts$|^packages\/protocol\/generator\/main\.ts$/
const PROGRAMS = ['packages/cli/src/main.ts', 'packages/simulation/src/main.ts']

/** Whether `test` stands beside `path` and is named for it: `x.test.ts` for `x.ts`. */
function isOwnTest(test: string, path: string): boolean {
  return isTest(test) && test.replace(/\.(test|fuzz|bench)\.ts$/, '.ts') === path
}

function targetsOf(tree: SourceTree, file: SourceFile): ReadonlySet<string> {
  const specifiers = [
    ...file.facts.imports.map(({ specifier }) => specifier),
    ...file.facts.exports.flatMap(({ from }) => (from === null ? [] : [from])),
    ...file.facts.starExports.map(({ specifier }) => specifier),
  ]
  const targets = new Set<string>()
  for (const specifier of specifiers) {
    const target = tree.resolve(file.path, specifier)
    if (target !== null) targets.add(target)
  }
  return targets
}

/**
 * Files that no program, package entry or test leads to. A file that only its own test knows is dead too, since it could
 * go together with the test and nobody would notice.
 */
export function deadFileFindings(tree: SourceTree): readonly Finding[] {
  const entries = new Set([...PROGRAMS, ...tree.workspaces.flatMap(({ entries }) => [...entries.values()])])
  const waiting = [...tree.files.keys()].filter((path) => entries.has(path) || isTest(path) || RUN_DIRECTLY.test(path))
  const reached = new Set(waiting)
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const file = tree.files.get(path)
    if (file === undefined) continue
    for (const target of targetsOf(tree, file)) {
      if (reached.has(target) || isOwnTest(path, target)) continue
      reached.add(target)
      waiting.push(target)
    }
  }
  return [...tree.files.keys()]
    .filter((path) => !reached.has(path) && !isGenerated(path))
    .map((path) => ({ path, line: 1, message: 'nothing but its own test leads here: remove it, or use it' }))
}

/**
 * Exports that nobody imports. A test counts, except a file's own: what only that one imports must at least be used inside
 * the file. What an entry names one by one must be used by another package. A type that the file itself uses may always be
 * exported, so that whoever calls its functions can name what they take and give.
 */
export function unusedExportFindings(tree: SourceTree): readonly Finding[] {
  const used = usedExports(tree)
  const findings: Finding[] = []
  for (const file of tree.files.values()) {
    if (isGenerated(file.path) || PUBLIC_ENTRIES.includes(file.path)) continue
    for (const { name, line, isType, ownUses } of file.facts.exports) {
      if (isType && ownUses > 0) continue
      const users = used.get(`${file.path} ${name}`) ?? []
      if (users.some((user) => !isOwnTest(user, file.path))) continue
      if (users.length > 0 && ownUses > 0) continue
      const remedy = ownUses > 0 ? 'drop the `export`' : 'remove it'
      findings.push({ path: file.path, line, message: `nobody imports ${name}: ${remedy}` })
    }
  }
  return findings
}

type Users = Map<string, string[]>

function usedExports(tree: SourceTree): Users {
  const users: Users = new Map()
  for (const file of tree.files.values()) {
    for (const { specifier, name } of file.facts.imports) {
      const target = tree.resolve(file.path, specifier)
      if (target !== null) markUsed(tree, users, target, name, file.path, new Set())
    }
  }
  // What the public entries pass on is used by others.
  for (const path of PUBLIC_ENTRIES) markUsed(tree, users, path, '*', 'the public', new Set())
  return users
}

/** Marks `name` of `path` as used by `user`, there and wherever it is re-exported from. */
function markUsed(tree: SourceTree, users: Users, path: string, name: string, user: string, seen: Set<string>): void {
  const file = tree.files.get(path)
  if (file === undefined || seen.has(path)) return
  seen.add(path)
  for (const entry of file.facts.exports) {
    if (name !== '*' && entry.name !== name) continue
    const key = `${path} ${entry.name}`
    users.set(key, [...(users.get(key) ?? []), user])
    const source = entry.from === null ? null : tree.resolve(path, entry.from)
    // A different name may lead through a file that has been seen under this one.
    if (source !== null) markUsed(tree, users, source, entry.original, user, new Set())
  }
  for (const { specifier } of file.facts.starExports) {
    const source = tree.resolve(path, specifier)
    if (source !== null && name !== 'default') markUsed(tree, users, source, name, user, seen)
  }
}
