import { withoutSlash } from '../directory-path.ts'
import { type BrokerLayers, brokerValue, explicitText } from './layers.ts'

const KEY = 'cordoned.log.dirs'
/** Stands for all of them. */
const ALL = '*'

/** What `cordoned.log.dirs` has to be and is not; null when all is well with it. (KIP-1066) */
export function cordonedProblem(layers: BrokerLayers): string | null {
  const cordoned = listOf(layers, KEY)
  if (cordoned.includes(ALL)) return cordoned.length === 1 ? null : `${ALL} alone, or a list of directories`
  // A list is read without its repetitions.
  const named = explicitText(layers, KEY)?.split(',') ?? []
  if (named.length > Math.max(1, cordoned.length)) return 'a list that names each directory once'
  // As Kafka, which compares the words and not where they lead.
  const known = directoriesOf(layers)
  const missing = cordoned.filter((path) => !known.includes(path))
  if (missing.length === 0) return null
  return `a list of what log.dirs has (${known.join()}), or ${ALL}, and ${missing.join()} is not among it`
}

/** Whether the broker puts no new partitions into a directory of log.dirs. */
export function isCordoned(layers: BrokerLayers, root: string): boolean {
  return listOf(layers, KEY).some((path) => path === ALL || withoutSlash(path) === root)
}

function directoriesOf(layers: BrokerLayers): readonly string[] {
  const given = brokerValue(layers, 'log.dirs') === null ? 'log.dir' : 'log.dirs'
  return listOf(layers, given)
}

function listOf(layers: BrokerLayers, key: string): readonly string[] {
  const value = brokerValue(layers, key)
  return Array.isArray(value) ? value : []
}
