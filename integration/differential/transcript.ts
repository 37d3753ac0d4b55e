/** What came to one request, as the codec reads it. */
export interface Answer {
  readonly api: string
  readonly version: number
  readonly answer: unknown
}

/** An answer in the form that is kept and compared: whatever differs from run to run has a symbol in its place. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [name: string]: Plain }

export interface PlainAnswer {
  readonly [name: string]: Plain
  readonly api: string
  readonly version: number
  readonly answer: Plain
}

/** A place where an answer is not the expected one. */
export interface Difference {
  /** `2.answer.topics.0.errorCode`: the third answer's first topic's code. */
  readonly path: string
  readonly expected: Plain | undefined
  readonly got: Plain | undefined
}

export function differences(expected: Plain | undefined, got: Plain | undefined, path = ''): readonly Difference[] {
  if (isList(expected) && isList(got)) {
    const length = Math.max(expected.length, got.length)
    return Array.from({ length }, (_, index) => index).flatMap((index) =>
      differences(expected[index], got[index], joined(path, String(index))),
    )
  }
  if (isObject(expected) && isObject(got)) {
    const names = new Set([...Object.keys(expected), ...Object.keys(got)])
    return [...names].flatMap((name) => differences(expected[name], got[name], joined(path, name)))
  }
  return expected === got ? [] : [{ path, expected, got }]
}

const joined = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)

export function isList(value: Plain | undefined): value is readonly Plain[] {
  return Array.isArray(value)
}

export function isObject(value: Plain | undefined): value is { readonly [name: string]: Plain } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
