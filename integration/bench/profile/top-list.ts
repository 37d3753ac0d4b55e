import { basename } from 'node:path'
import type { SourcePlaces } from './source-places.ts'

interface CallFrame {
  readonly functionName: string
  readonly url: string
  readonly lineNumber: number
}

/** As the inspector gives it. */
export interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

interface HeapNode {
  readonly callFrame: CallFrame
  readonly selfSize: number
  readonly children: readonly HeapNode[]
}

export interface HeapProfile {
  readonly head: HeapNode
}

/** What one function took by itself. */
export interface Row {
  readonly what: string
  readonly amount: number
  readonly share: number
}

/** Nobody, and the inspector at its own work. */
const LEFT_OUT: ReadonlySet<string> = new Set(['(idle)', 'dispatch'])

/** `name` and where it stands, in the sources where it is of the bundle. */
function nameOf({ functionName, url, lineNumber }: CallFrame, places: SourcePlaces): string {
  const name = functionName === '' ? '(anonymous)' : functionName
  if (url === '') return name
  const file = /^broker\.\w+\.cjs$/.test(basename(url)) ? places.fileOf(lineNumber) : url
  return `${name} ${file ?? url}`
}

function rows(amounts: ReadonlyMap<string, number>, count: number): Row[] {
  const total = [...amounts.values()].reduce((sum, amount) => sum + amount, 0)
  return [...amounts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, count)
    .map(([what, amount]) => ({ what, amount, share: amount / total }))
}

/** Microseconds by function, the most first. */
export function topByTime({ nodes, samples, timeDeltas }: CpuProfile, places: SourcePlaces, count: number): Row[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame, places)]))
  const amounts = new Map<string, number>()
  for (const [index, id] of samples.entries()) {
    const name = names.get(id)
    if (name === undefined || LEFT_OUT.has(name)) continue
    amounts.set(name, (amounts.get(name) ?? 0) + (timeDeltas[index] ?? 0))
  }
  return rows(amounts, count)
}

/** Bytes allocated by function, the most first. */
export function topByBytes({ head }: HeapProfile, places: SourcePlaces, count: number): Row[] {
  const amounts = new Map<string, number>()
  const waiting = [head]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const name = nameOf(node.callFrame, places)
    if (node.selfSize > 0) amounts.set(name, (amounts.get(name) ?? 0) + node.selfSize)
    waiting.push(...node.children)
  }
  return rows(amounts, count)
}
