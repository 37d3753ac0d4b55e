import type { Logger } from '@odradek/core'
import type { ConfigEntry } from '../config/config-entry.ts'
import { javaSplit, javaTrim } from '../config/java-text.ts'
import { isTooLarge, PATTERN_STEPS_MAX } from '../transactions/whole-text-pattern.ts'
import type { ClientAttributes, Subscription } from './subscription.ts'

/** The CLIENT_METRICS resources of the metadata. */
export interface SubscriptionConfigs {
  names(): readonly string[]
  entriesOf(name: string): readonly Pick<ConfigEntry, 'name' | 'value'>[]
}

/** The subscriptions as they are now, with their patterns compiled; another list only when one of them has changed. */
export class SubscriptionTable {
  private readonly configs: SubscriptionConfigs
  private readonly logger: Logger
  private isStale = true
  private text = '[]'
  private subscriptions: readonly Subscription[] = []

  constructor(configs: SubscriptionConfigs, logger: Logger) {
    this.configs = configs
    this.logger = logger
  }

  /** The metadata has changed: perhaps these have too. */
  metadataChanged(): void {
    this.isStale = true
  }

  async current(): Promise<readonly Subscription[]> {
    if (!this.isStale) return this.subscriptions
    this.isStale = false
    const rows = this.configs.names().map((name) => ({ name, values: valuesOf(this.configs.entriesOf(name)) }))
    const text = JSON.stringify(rows)
    if (text === this.text) return this.subscriptions
    // The engine is loaded by the first pattern: meanwhile the old ones hold.
    const compiled = await Promise.all(rows.map(({ name, values }) => this.compile(name, values)))
    this.text = text
    this.subscriptions = compiled
    return compiled
  }

  private async compile(name: string, values: Readonly<Record<string, string>>): Promise<Subscription> {
    const patterns = patternsOf(listOf(values['match']))
    const tests: ((client: ClientAttributes) => boolean)[] = []
    for (const [key, pattern] of patterns) tests.push(await this.testOf(name, key, pattern))
    return {
      intervalMs: Number(values['interval.ms']),
      metrics: listOf(values['metrics']),
      matches: (client) => tests.every((test) => test(client)),
    }
  }

  private async testOf(name: string, key: string, pattern: string): Promise<(client: ClientAttributes) => boolean> {
    const { RE2JS, RE2JSSyntaxException } = await import('re2js')
    try {
      if (isTooLarge(pattern)) throw new RE2JSSyntaxException('it becomes too large')
      const compiled = RE2JS.compile(pattern)
      const textCharsMax = PATTERN_STEPS_MAX / compiled.programSize()
      return (client) => {
        const text = new Map(Object.entries(client)).get(key) ?? ''
        return text.length < textCharsMax && compiled.matches(text)
      }
    } catch (error) {
      if (!(error instanceof RE2JSSyntaxException)) throw error
      this.logger.warn('a client metrics subscription matches nobody: its pattern cannot be used', {
        ...{ subscription: name, pattern, error: error.message },
      })
      return () => false
    }
  }
}

function valuesOf(entries: readonly Pick<ConfigEntry, 'name' | 'value'>[]): Readonly<Record<string, string>> {
  return Object.fromEntries(entries.map(({ name, value }) => [name, value ?? '']))
}

function listOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

/** Of several patterns for one attribute the last counts, as in Kafka. */
function patternsOf(match: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    match.map((item) => {
      const [key = '', pattern = ''] = javaSplit(item, '=')
      return [javaTrim(key), javaTrim(pattern)]
    }),
  )
}
