import { UsageError } from '../usage-error.ts'
import { kafkaVariables } from './kafka-variables.ts'
import { odradekVariables } from './odradek-variables.ts'
import { LISTENER_KEYS, optionSettings } from './option-settings.ts'
import type { OptionName, Options, Setting, Settings } from './options.ts'
import { PropertiesError, parseProperties } from './properties.ts'

/** Where settings come from. */
export interface Sources {
  readonly flags: Options
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The bytes of a file; null when there is none. */
  readFile(path: string): Uint8Array | null
}

/**
 * The directory that holds everything unless one is named: beside what is being worked on, so that each project has its
 * own topics, and gone with it. The name is hidden from listings and one line in a .gitignore.
 */
const DEFAULT_DATA_DIRECTORY = '.odradek'

/**
 * All settings by Kafka's keys. What is nearer to the person counts: flags, then ODRADEK_ variables, then KAFKA_
 * variables, then the file, then defaults.
 */
export function gatherSettings(sources: Sources): Settings {
  const own = odradekVariables(sources.environment)
  const options: Options = new Map([...own.options, ...sources.flags])
  const farther = new Map([...fileSettings(options, sources), ...kafkaVariables(sources.environment)])
  const insecure = (options.get('insecure') ?? farther.get('odradek.insecure'))?.value.trim().toLowerCase() === 'true'
  const nearest = new Map([...own.settings, ...optionSettings(options, insecure)])
  if (nearest.has('listeners')) for (const key of LISTENER_KEYS) farther.delete(key)
  const settings = new Map([...farther, ...nearest])
  if (!settings.has('log.dirs') && !settings.has('log.dir')) {
    settings.set('log.dirs', { value: DEFAULT_DATA_DIRECTORY, origin: 'default' })
  }
  return settings
}

function fileSettings(options: ReadonlyMap<OptionName, Setting>, sources: Sources): Settings {
  const settings = new Map<string, Setting>()
  const config = options.get('config')
  if (config === undefined) return settings
  const bytes = bytesOf(config, sources)
  for (const [key, value] of propertiesOf(config.value, bytes)) settings.set(key, { value, origin: config.value })
  return settings
}

function bytesOf({ value: path, origin }: Setting, sources: Sources): Uint8Array {
  let bytes: Uint8Array | null
  try {
    bytes = sources.readFile(path)
  } catch (error) {
    throw new UsageError(
      `${origin} ${path}: cannot be read (${error instanceof Error ? error.message : String(error)})`,
    )
  }
  if (bytes === null) throw new UsageError(`${origin} ${path}: there is no such file`)
  return bytes
}

function propertiesOf(path: string, bytes: Uint8Array): ReadonlyMap<string, string> {
  try {
    // As Kafka does: a character beyond Latin-1 needs an escape.
    return parseProperties(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'))
  } catch (error) {
    if (error instanceof PropertiesError) throw new UsageError(`${path}, line ${error.line}: ${error.message}`)
    throw error
  }
}
