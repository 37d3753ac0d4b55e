import {
  type Finding,
  isFixture,
  isGenerated,
  isTest,
  SCOPE,
  type SourceFile,
  type SourceTree,
  type Workspace,
} from './source-tree.ts'

const BROKER_AND_BELOW = ['broker', 'coordinators', 'log', 'records', 'protocol', 'core']

/** Which package may import which: only downwards. `name/subpath` allows that entry alone. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  protocol: ['core'],
  records: ['protocol/wire', 'core'],
  log: ['records', 'core'],
  coordinators: ['protocol', 'core'],
  broker: ['coordinators', 'log', 'records', 'protocol', 'core'],
  cli: BROKER_AND_BELOW,
  testing: BROKER_AND_BELOW,
  simulation: BROKER_AND_BELOW,
  integration: [...BROKER_AND_BELOW, 'testing'],
  // Reads the tables that the documentation is made from.
  tooling: BROKER_AND_BELOW,
}

/** Imports that go upwards, sideways, past a package's entry, or to a package that nobody declared. */
export function layerFindings(tree: SourceTree): readonly Finding[] {
  const findings: Finding[] = []
  for (const file of tree.files.values()) {
    const workspace = tree.workspaceOf(file.path)
    if (workspace === undefined || isGenerated(file.path)) continue
    for (const [specifier, line] of specifiersOf(file)) {
      const message = fault(tree, file, workspace, specifier)
      if (message !== null) findings.push({ path: file.path, line, message })
    }
  }
  return findings
}

/** Every module that the file names, with the line that names it first. */
function specifiersOf(file: SourceFile): ReadonlyMap<string, number> {
  const { imports, exports, starExports } = file.facts
  const lines = new Map<string, number>()
  const add = (specifier: string, line: number) => lines.set(specifier, Math.min(line, lines.get(specifier) ?? line))
  for (const { specifier, line } of imports) add(specifier, line)
  for (const { from, line } of exports) if (from !== null) add(from, line)
  for (const { specifier, line } of starExports) add(specifier, line)
  return lines
}

function fault(tree: SourceTree, file: SourceFile, from: Workspace, specifier: string): string | null {
  if (specifier.startsWith('.')) return relativeFault(tree, file, from, specifier)
  if (specifier.startsWith(SCOPE)) return edgeFault(tree, file, from, specifier)
  return foreignFault(tree, file, from, specifier)
}

function relativeFault(tree: SourceTree, file: SourceFile, from: Workspace, specifier: string): string | null {
  const target = tree.resolve(file.path, specifier) ?? ''
  if (target.endsWith('package.json') && tree.workspaceOf(target) === from) return null
  if (!target.startsWith(`${from.directory}/`)) return `${specifier} leaves ${from.name}: import the package by name`
  if (isFixture(target) && !isTest(file.path) && !isFixture(file.path)) return `${specifier} is for tests alone`
  if (target.endsWith('.ts') && !tree.files.has(target)) return `${specifier} does not exist`
  return null
}

function edgeFault(tree: SourceTree, file: SourceFile, from: Workspace, specifier: string): string | null {
  const target = specifier.slice(SCOPE.length)
  const [name = ''] = target.split('/')
  if (name === from.name) return `${specifier} is this package itself: import the file`
  const allowed = LAYERS[from.name]
  if (allowed === undefined) return `${from.name} has no line in the table of layers`
  if (!allowed.includes(name) && !allowed.includes(target)) return `${from.name} may not import ${specifier}`
  if (tree.resolve(file.path, specifier) === null) return `${specifier} is not among the exports of ${name}`
  return null
}

/** What ships must be declared where it is used; tests and tools may use all that this repository installs. */
function foreignFault(tree: SourceTree, file: SourceFile, from: Workspace, specifier: string): string | null {
  if (specifier.startsWith('node:')) return null
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
  if (from.dependencies.has(name)) return null
  const ships = file.path.includes('/src/') && !isTest(file.path) && !['tooling', 'simulation'].includes(from.name)
  const installed = [tree.rootDependencies, ...tree.workspaces.map(({ dependencies }) => dependencies)]
  if (!ships && installed.some((dependencies) => dependencies.has(name))) return null
  return `${name} is not declared in ${from.directory}/package.json`
}
