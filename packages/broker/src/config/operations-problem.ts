import type { ConfigChange, Outcome } from '../metadata/controller.ts'
import { failed } from '../metadata/decision.ts'

/** What is wrong with a change of configs whatever it is for. */
export function operationsProblem({ operations }: ConfigChange): Outcome | null {
  const names = operations.map(({ name }) => name)
  if (new Set(names).size < names.length) return failed('INVALID_REQUEST', 'A config key is named twice')
  const empty = operations.filter(({ operation, value }) => operation !== 'DELETE' && value === null)
  if (empty.length === 0) return null
  return failed('INVALID_REQUEST', `Null value not supported for: ${empty.map(({ name }) => name).join(', ')}`)
}
