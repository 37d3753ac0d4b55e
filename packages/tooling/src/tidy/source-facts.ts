import { parseSync } from '@swc/core'

/** One name that a module takes from another: a name of its exports, `default`, or `*` for all of them. */
export interface ImportedName {
  readonly specifier: string
  readonly name: string
  readonly line: number
}

/** One name that a module offers. `from` and `original` say where a re-exported one comes from. */
export interface ExportedName {
  readonly name: string
  readonly line: number
  readonly from: string | null
  readonly original: string
  /** An interface or a type alias. */
  readonly isType: boolean
  /** How often the module itself mentions the name beside its declaration. */
  readonly ownUses: number
}

export interface StarExport {
  readonly specifier: string
  readonly line: number
}

/** A global name that is not declared in the module, or `object.property` of one. */
export interface GlobalUse {
  readonly name: string
  readonly line: number
}

/** What the rules need to know about one file. */
export interface SourceFacts {
  readonly imports: readonly ImportedName[]
  readonly exports: readonly ExportedName[]
  /** Modules whose exports are all passed on: `export * from`. */
  readonly starExports: readonly StarExport[]
  readonly globals: readonly GlobalUse[]
}

interface Node {
  readonly type: string
  readonly [field: string]: unknown
}

/** swc marks a name that no scope of the module declares with the outermost syntax context. */
const UNRESOLVED = 1

export function sourceFacts(text: string): SourceFacts {
  const gatherer = new Gatherer(text)
  const module: unknown = parseSync(text, { syntax: 'typescript', target: 'es2022' })
  gatherer.visit(module)
  return gatherer.facts()
}

class Gatherer {
  /** Positions of the line feeds, in bytes. */
  private readonly lineEnds: readonly number[]
  private readonly imports: ImportedName[] = []
  private readonly exports: Omit<ExportedName, 'ownUses'>[] = []
  private readonly starExports: StarExport[] = []
  private readonly globals: GlobalUse[] = []
  private readonly mentions = new Map<string, number>()

  constructor(text: string) {
    const bytes = Buffer.from(text)
    const ends: number[] = []
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) ends.push(at)
    this.lineEnds = ends
  }

  facts(): SourceFacts {
    const exports = this.exports.map((entry) => {
      const mentions = this.mentions.get(entry.original) ?? 0
      return { ...entry, ownUses: entry.from === null ? mentions - 1 : 0 }
    })
    return { imports: this.imports, exports, starExports: this.starExports, globals: this.globals }
  }

  visit(value: unknown): void {
    if (Array.isArray(value)) {
      for (const item of value) this.visit(item)
      return
    }
    if (!isNode(value)) {
      // Some parts of a syntax tree are plain wrappers without a type of their own.
      if (typeof value === 'object' && value !== null) for (const child of Object.values(value)) this.visit(child)
      return
    }
    if (this.take(value)) return
    for (const [field, child] of Object.entries(value)) if (field !== 'span') this.visit(child)
  }

  /** True when nothing below the node is left to look at. */
  private take(node: Node): boolean {
    switch (node.type) {
      case 'ImportDeclaration':
        this.takeImport(node)
        return true
      case 'ExportNamedDeclaration':
        this.takeNamedExports(node)
        return false
      case 'ExportAllDeclaration':
        this.starExports.push({ specifier: stringOf(node['source']), line: this.lineOf(node) })
        return true
      case 'ExportDeclaration':
        this.takeDeclaration(node)
        return false
      case 'ExportDefaultDeclaration':
      case 'ExportDefaultExpression':
        this.addExport('default', node, null, 'default')
        return false
      case 'CallExpression':
        this.takeCall(node)
        return false
      case 'TsImportType':
        this.addImport(stringOf(node['argument']), firstName(node['qualifier']) ?? '*', node)
        return false
      case 'MemberExpression':
        return this.takeMember(node)
      case 'Identifier':
        this.takeIdentifier(node)
        return false
      default:
        return false
    }
  }

  private takeImport(node: Node): void {
    const specifier = stringOf(node['source'])
    const specifiers = nodesOf(node['specifiers'])
    if (specifiers.length === 0) this.addImport(specifier, '*', node)
    for (const part of specifiers) {
      if (part.type === 'ImportNamespaceSpecifier') this.addImport(specifier, '*', part)
      else if (part.type === 'ImportDefaultSpecifier') this.addImport(specifier, 'default', part)
      else this.addImport(specifier, nameOf(part['imported']) ?? nameOf(part['local']) ?? '*', part)
    }
  }

  private takeDeclaration(node: Node): void {
    const declaration = node['declaration']
    const isType = isNode(declaration) && /^Ts(Interface|TypeAlias)/.test(declaration.type)
    for (const name of declaredNames(declaration)) this.addExport(name, node, null, name, isType)
  }

  private takeNamedExports(node: Node): void {
    const from = isNode(node['source']) ? stringOf(node['source']) : null
    for (const part of nodesOf(node['specifiers'])) {
      if (part.type === 'ExportNamespaceSpecifier') {
        this.addExport(nameOf(part['name']) ?? '*', part, from, '*')
        continue
      }
      const original = nameOf(part['orig']) ?? '*'
      this.addExport(nameOf(part['exported']) ?? original, part, from, original)
    }
  }

  /** `import(…)`, and every function that is named for requiring modules. */
  private takeCall(node: Node): void {
    const argument = nodesOf(node['arguments']).at(0) ?? firstArgument(node)
    if (argument?.type !== 'StringLiteral') return
    const callee = node['callee']
    if (!isNode(callee)) return
    const name = nameOf(callee) ?? nameOf(callee['property']) ?? calledName(callee)
    if (callee.type === 'Import' || /require|getBuiltinModule/i.test(name ?? '')) {
      this.addImport(stringOf(argument), '*', node)
    }
  }

  private takeMember(node: Node): boolean {
    const object = node['object']
    const property = node['property']
    if (!isNode(object) || !isNode(property) || object.type !== 'Identifier') return false
    const computed = property.type === 'Computed'
    const name = computed ? literalOf(property['expression']) : nameOf(property)
    if (object['ctxt'] === UNRESOLVED && name !== null) {
      this.globals.push({ name: `${nameOf(object)}.${name}`, line: this.lineOf(node) })
      // The object stands for itself too, unless this is an ordinary property of it.
      this.mention(nameOf(object))
      return true
    }
    this.visit(object)
    if (computed) this.visit(property)
    return true
  }

  private takeIdentifier(node: Node): void {
    const name = nameOf(node)
    this.mention(name)
    if (name !== null && node['ctxt'] === UNRESOLVED) this.globals.push({ name, line: this.lineOf(node) })
  }

  private mention(name: string | null): void {
    if (name !== null) this.mentions.set(name, (this.mentions.get(name) ?? 0) + 1)
  }

  private addImport(specifier: string, name: string, node: Node): void {
    this.imports.push({ specifier, name, line: this.lineOf(node) })
  }

  private addExport(name: string, node: Node, from: string | null, original: string, isType = false): void {
    this.exports.push({ name, line: this.lineOf(node), from, original, isType })
  }

  /** Spans count bytes of UTF-8 from 1. */
  private lineOf(node: Node): number {
    const span = node['span']
    const start = typeof span === 'object' && span !== null && 'start' in span ? Number(span.start) : 1
    let [low, high] = [0, this.lineEnds.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.lineEnds[middle] ?? 0) < start - 1) low = middle + 1
      else high = middle
    }
    return low + 1
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

function nodesOf(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value.filter(isNode) : []
}

function firstArgument(call: Node): Node | undefined {
  const list: unknown = call['arguments']
  const first: unknown = Array.isArray(list) ? list[0] : undefined
  if (typeof first !== 'object' || first === null || !('expression' in first)) return undefined
  return isNode(first.expression) ? first.expression : undefined
}

/** `createRequire(…)('x')`: the callee is itself a call. */
function calledName(callee: Node): string | null {
  return callee.type === 'CallExpression' && isNode(callee['callee']) ? nameOf(callee['callee']) : null
}

function nameOf(value: unknown): string | null {
  if (!isNode(value)) return null
  return typeof value['value'] === 'string' ? value['value'] : null
}

function stringOf(value: unknown): string {
  return nameOf(value) ?? ''
}

function literalOf(value: unknown): string | null {
  return isNode(value) && value.type === 'StringLiteral' ? stringOf(value) : null
}

/** The outermost name of `A.B.C`. */
function firstName(value: unknown): string | null {
  if (isNode(value) && value.type === 'TsQualifiedName') return firstName(value['left'])
  return nameOf(value)
}

/** Names that a declaration makes, those inside destructuring patterns included. */
function declaredNames(value: unknown): readonly string[] {
  if (!isNode(value)) return []
  if (value.type === 'VariableDeclaration') {
    return nodesOf(value['declarations']).flatMap((declarator) => patternNames(declarator['id']))
  }
  const name = nameOf(value['id']) ?? nameOf(value['identifier'])
  return name === null ? [] : [name]
}

function patternNames(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(patternNames)
  if (!isNode(value)) return []
  if (value.type === 'Identifier') return [stringOf(value)]
  if (value.type === 'AssignmentPatternProperty') return patternNames(value['key'])
  const parts = [value['elements'], value['properties'], value['value'], value['argument'], value['left']]
  return parts.flatMap(patternNames)
}
