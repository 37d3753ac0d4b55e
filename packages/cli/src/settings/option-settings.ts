import { UsageError } from '../usage-error.ts'
import { OPTIONS, type Options, type Setting, type Settings } from './options.ts'

const DEFAULT_PORT = 9092
/** Stands for 127.0.0.1 and ::1 alike. */
const DEFAULT_HOST = 'localhost'
const PORT_MAX = 65_535

/** Keys that describe listeners as a whole: who names a port or a host on the command line means all of them. */
export const LISTENER_KEYS = ['listeners', 'advertised.listeners', 'listener.security.protocol.map']

/** Options as Kafka's keys, and as ours where Kafka has none; `insecure` as it stands in all sources together. */
export function optionSettings(options: Options, insecure: boolean): Settings {
  const settings = new Map<string, Setting>()
  for (const { name, key } of OPTIONS) {
    const setting = options.get(name)
    if (key !== null && setting !== undefined) settings.set(key, setting)
  }
  const listeners = listenersSetting(options, insecure)
  if (listeners !== null) settings.set('listeners', listeners)
  const httpPort = options.get('httpPort')
  if (httpPort !== undefined) {
    settings.set('odradek.http.listener', { value: `${DEFAULT_HOST}:${portNumber(httpPort)}`, origin: httpPort.origin })
  }
  return settings
}

/** @throws UsageError for a port that is none. */
function listenersSetting(options: Options, insecure: boolean): Setting | null {
  const port = options.get('port')
  const host = options.get('host')
  if (port === undefined && host === undefined) return null
  // Kafka's form of every interface has no host, and advertises the machine's name. Where it is not allowed, the address
  // stays as it was given, and is refused by it.
  const address = insecure && /^(0\.0\.0\.0|\[?::\]?)$/.test(host?.value ?? '') ? '' : (host?.value ?? DEFAULT_HOST)
  const bracketed = address.includes(':') && !address.startsWith('[') ? `[${address}]` : address
  const origin = [port?.origin, host?.origin].filter((name) => name !== undefined).join(' and ')
  return { value: `PLAINTEXT://${bracketed}:${portNumber(port)}`, origin }
}

function portNumber(port: Setting | undefined): number {
  if (port === undefined) return DEFAULT_PORT
  const number = Number(port.value)
  if (/^\d+$/.test(port.value) && number <= PORT_MAX) return number
  throw new UsageError(
    `${port.origin} ${port.value}: not a port; give a number from 0 to ${PORT_MAX} (0 picks a free one)`,
  )
}
