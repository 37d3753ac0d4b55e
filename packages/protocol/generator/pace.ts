import type { Struct } from './resolve.ts'

/** How a reader or writer goes about its arrays: at one go, or as a generator that lets others have a turn. */
export interface Pace {
  readonly keyword: string
  readonly suffix: string
  /** Type of what a function gives that comes to `type`. */
  result(type: string): string
  /** A call of a function of this pace, as an expression. */
  call(expression: string): string
  statement(expression: string): string
  /** `head` over `body`; `by` counts the elements. */
  loop(head: string, body: string, by: 'reader' | 'writer'): string[]
}

export const WHOLE: Pace = {
  keyword: 'function',
  suffix: '',
  result: (type) => type,
  call: (expression) => expression,
  statement: (expression) => expression,
  loop: (head, body) => [`  ${head} ${body}`],
}

export const IN_TURNS: Pace = {
  keyword: 'function*',
  suffix: 'InTurns',
  result: (type) => `Turns<${type}>`,
  call: (expression) => `(yield* ${expression})`,
  statement: (expression) => `yield* ${expression}`,
  loop: (head, body, by) => [`  ${head} {`, `    ${body}`, `    if (${by}.endsTurn()) yield`, '  }'],
}

/** Whether reading or writing it may take long. */
export function hasArrays(struct: Struct): boolean {
  return struct.fields.some(
    ({ isArray, element }) => isArray || (element.kind === 'struct' && hasArrays(element.struct)),
  )
}
