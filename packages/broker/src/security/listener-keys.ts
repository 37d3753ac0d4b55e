import { brokerConfigs } from '../config/broker-configs.ts'
import { type BrokerLayers, explicitText } from '../config/layers.ts'

/** A listener's view of the broker's keys: `listener.name.NAME.MECHANISM.KEY`, then `listener.name.NAME.KEY`, then `KEY`. */
export class ListenerKeys {
  readonly listener: string
  private readonly layers: () => BrokerLayers

  /** `layers` is asked at every reading: configs of a listener may change while it is open. */
  constructor(listener: string, layers: () => BrokerLayers) {
    this.listener = listener
    this.layers = layers
  }

  /** A key's value, given or default; null when it has neither. */
  text(key: string, mechanism?: string): string | null {
    return this.given(key, mechanism) ?? brokerConfigs.get(key)?.defaultText ?? null
  }

  /** Only what was set. */
  given(key: string, mechanism?: string): string | null {
    const layers = this.layers()
    for (const name of this.names(key, mechanism)) {
      const text = explicitText(layers, name)
      if (text !== undefined) return text
    }
    return null
  }

  list(key: string): readonly string[] {
    return (this.text(key) ?? '')
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
  }

  number(key: string, mechanism?: string): number {
    return Number(this.text(key, mechanism) ?? Number.NaN)
  }

  /** The name under which a person would set `key` for this listener alone. */
  nameOf(key: string, mechanism?: string): string {
    return this.names(key, mechanism)[0] ?? key
  }

  private names(key: string, mechanism?: string): readonly string[] {
    const prefix = `listener.name.${this.listener.toLowerCase()}.`
    const general = [`${prefix}${key}`, key]
    return mechanism === undefined ? general : [`${prefix}${mechanism.toLowerCase()}.${key}`, ...general]
  }
}
