import { stringBytesMax } from '@odradek/protocol/wire'
import type { ConfigChange } from '../metadata/controller.ts'
import { type ConfigProblem, invalidConfig } from './config-problem.ts'
import type { ConfigDefinition } from './definition.ts'
import { javaSplit } from './java-text.ts'
import { type ConfigMap, NO_CONFIGS } from './layers.ts'

export type AppliedOperations = { readonly configs: ConfigMap } | { readonly problem: ConfigProblem }

/**
 * A resource's own configs after a change, not yet checked. Null values were refused before. Only lists can be appended
 * to; `definitionOf` gives undefined for keys that are no lists anyway.
 */
export function applyOperations(
  before: ConfigMap,
  change: ConfigChange,
  definitionOf: (name: string) => ConfigDefinition | undefined,
): AppliedOperations {
  const configs = new Map(change.replaceAll ? NO_CONFIGS : before)
  for (const { name, operation, value } of change.operations) {
    if (operation === 'DELETE') {
      configs.delete(name)
      continue
    }
    if (operation === 'SET') {
      configs.set(name, value ?? '')
      continue
    }
    const definition = definitionOf(name)
    if (definition?.type !== 'LIST') {
      return { problem: invalidConfig(`Cannot ${operation} to ${name}: it is not a list`) }
    }
    const list = changeList(configs.get(name) ?? definition.defaultText ?? '', operation, value ?? '')
    if (Buffer.byteLength(list) > stringBytesMax) {
      return { problem: invalidConfig(`${name} would be larger than ${stringBytesMax} bytes, which no value may be`) }
    }
    configs.set(name, list)
  }
  return { configs }
}

/** As in Kafka, elements are compared as they stand; white space around them goes when the list is read. */
function changeList(present: string, operation: 'APPEND' | 'SUBTRACT', value: string): string {
  const elements = present.split(',').filter((element) => element !== '')
  const named = new Set(javaSplit(value, ','))
  if (operation === 'SUBTRACT') return elements.filter((element) => !named.has(element)).join(',')
  return [...new Set([...elements, ...named])].join(',')
}
