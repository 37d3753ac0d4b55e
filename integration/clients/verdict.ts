/** What a program printed, each `STEP: RESULT` under its step. A step that is printed twice keeps both, and so fails. */
export function resultsOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const results = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(': ')
    const step = colon < 0 ? line : line.slice(0, colon)
    const result = colon < 0 ? '' : line.slice(colon + 2)
    const before = results.get(step)
    results.set(step, before === undefined ? result : `${before}, then ${result}`)
  }
  return results
}

export interface Fault {
  readonly step: string
  readonly expected: string
  readonly got: string
}

const NOTHING = '(nothing)'

/** Where the results are not those expected: another one, none, or one of a step that nobody expects. */
export function faultsOf(
  expected: ReadonlyMap<string, string>,
  results: ReadonlyMap<string, string>,
): readonly Fault[] {
  const steps = new Set([...expected.keys(), ...results.keys()])
  return [...steps].flatMap((step) => {
    const [wanted, got] = [expected.get(step) ?? NOTHING, results.get(step) ?? NOTHING]
    return wanted === got ? [] : [{ step, expected: wanted, got }]
  })
}
