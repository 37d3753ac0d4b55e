import type { Clock } from '@odradek/core'
import { type Exposition, type ExpositionFormat, exposition, promClient } from './exposition.ts'
import { clientFamilies } from './families/client-families.ts'
import { brokerOwnFamilies } from './metric-list.ts'
import { processFamilies } from './process-metrics.ts'
import { Scrape } from './scrape.ts'
import type { MetricSources } from './sources.ts'

/** All metrics of a broker that serves, written when somebody asks for them. */
export class MetricsView {
  private readonly sources: MetricSources
  private readonly clock: Clock
  /** Who asks for the same at the same time gets the same. */
  private readonly underWay = new Map<ExpositionFormat, Promise<Exposition>>()

  constructor(sources: MetricSources) {
    this.sources = sources
    this.clock = sources.services.clock
  }

  async text(format: ExpositionFormat): Promise<Exposition> {
    let text = this.underWay.get(format)
    if (text === undefined) {
      text = this.write(format).finally(() => this.underWay.delete(format))
      this.underWay.set(format, text)
    }
    return text
  }

  private async write(format: ExpositionFormat): Promise<Exposition> {
    const turn = () => new Promise<void>((resolve) => this.clock.soon(resolve))
    const pushed = clientFamilies(this.sources.services.pushed, this.clock.monotonicMs())
    const families = [...brokerOwnFamilies, ...processFamilies(await promClient()), ...pushed]
    return exposition(families, new Scrape(this.sources, turn), format, turn)
  }
}
