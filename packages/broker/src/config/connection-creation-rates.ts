import { type BrokerLayers, brokerValue, listenerValue } from './layers.ts'

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
  return { broker, listenerOf: (name) => limitOf(listenerValue(layers, name, KEY)) }
}

function limitOf(value: unknown): number {
  return typeof value === 'number' && value < UNLIMITED ? value : Number.POSITIVE_INFINITY
}
