import type { BrokerSettings } from './settings.ts'

/** Settings whose every reading is of what is in force just then, for those who keep them for as long as the broker runs. */
export function liveSettings(current: () => BrokerSettings): BrokerSettings {
  return new Proxy<BrokerSettings>(current(), { get: (_, name) => Reflect.get(current(), name) })
}
