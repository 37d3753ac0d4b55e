import { brokerConfigs } from './broker-configs.ts'
import { type BrokerLayers, brokerValue, explicitText } from './layers.ts'
import { parseConfigValue } from './parse-value.ts'

const KEY = 'max.connection.creation.rate'
const UNLIMITED = 2_147_483_647

/** Connections a second; infinite where there is no limit. */
export interface ConnectionCreationRates {
  readonly broker: number
  listenerOf(name: string): number
}

/** `max.connection.creation.rate` for all listeners together, and with a listener's prefix for that one (KIP-612). */
export function connectionCreationRates(layers: BrokerLayers): ConnectionCreationRates {
  const broker = limitOf(brokerValue(layers, KEY))
  return { broker, listenerOf: (name) => listenerLimit(layers, name) }
}

function listenerLimit(layers: BrokerLayers, listener: string): number {
  const text = explicitText(layers, `listener.name.${listener.toLowerCase()}.${KEY}`)
  const definition = brokerConfigs.get(KEY)
  if (text === undefined || definition === undefined) return Number.POSITIVE_INFINITY
  const parsed = parseConfigValue(definition, text)
  return parsed.ok ? limitOf(parsed.value) : Number.POSITIVE_INFINITY
}

function limitOf(value: unknown): number {
  return typeof value === 'number' && value < UNLIMITED ? value : Number.POSITIVE_INFINITY
}
