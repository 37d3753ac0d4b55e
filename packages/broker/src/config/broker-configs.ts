import { type BrokerConfigDefinition, brokerTable } from './definition.ts'
import { brokerCoordinationConfigs } from './definitions/broker-coordination-configs.ts'
import { brokerCoordinationDocumentation } from './definitions/broker-coordination-documentation.ts'
import { brokerLogConfigs } from './definitions/broker-log-configs.ts'
import { brokerLogDocumentation } from './definitions/broker-log-documentation.ts'
import { brokerNetworkConfigs } from './definitions/broker-network-configs.ts'
import { brokerNetworkDocumentation } from './definitions/broker-network-documentation.ts'
import { odradekConfigs } from './definitions/odradek-configs.ts'
import { odradekDocumentation } from './definitions/odradek-documentation.ts'

/**
 * Defaults that are not Kafka's: a group of one consumer need not wait 3 s for others, and what Kafka leaves unbounded
 * has a bound.
 */
const OWN_DEFAULTS: ReadonlyMap<string, string> = new Map([
  ['group.initial.rebalance.delay.ms', '0'],
  ['group.max.size', '10000'],
  ['max.connections', '10000'],
  ['max.connections.per.ip', '2000'],
  ['queued.max.request.bytes', '268435456'],
])

/** Dynamic in Kafka. Here listeners are opened once, at the start. */
const FIXED_AT_START: ReadonlySet<string> = new Set(['listeners', 'listener.security.protocol.map'])

function adapt(definition: BrokerConfigDefinition): BrokerConfigDefinition {
  const { name } = definition
  const defaultText = OWN_DEFAULTS.get(name)
  if (defaultText !== undefined) return { ...definition, defaultText }
  return FIXED_AT_START.has(name) ? { ...definition, update: 'read-only' } : definition
}

/** Every key of a broker: Kafka 4.4's and our own. */
export const brokerConfigs: ReadonlyMap<string, BrokerConfigDefinition> = new Map(
  [
    brokerTable(brokerCoordinationConfigs, brokerCoordinationDocumentation),
    brokerTable(brokerLogConfigs, brokerLogDocumentation),
    brokerTable(brokerNetworkConfigs, brokerNetworkDocumentation),
    brokerTable(odradekConfigs, odradekDocumentation),
  ].flatMap((table) => Array.from(table, ([name, definition]) => [name, adapt(definition)] as const)),
)

const LISTENER_KEY = /^listener\.name\.[^.]+\.(.+)$/

/** The key that `listener.name.NAME.KEY` (or `…NAME.MECHANISM.KEY`) is about; null for any other name. */
export function listenerBaseKey(name: string): string | null {
  const rest = LISTENER_KEY.exec(name)?.[1]
  if (rest === undefined) return null
  if (brokerConfigs.has(rest)) return rest
  const afterMechanism = rest.slice(rest.indexOf('.') + 1)
  return brokerConfigs.has(afterMechanism) ? afterMechanism : null
}
