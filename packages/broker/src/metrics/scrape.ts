import { GroupsLookup } from './groups-lookup.ts'
import { PartitionsLookup } from './partition-counts.ts'
import type { MetricSources } from './sources.ts'

/** One look at everything: what several families want to know is asked for once. */
export class Scrape {
  readonly sources: MetricSources
  readonly groups: GroupsLookup
  readonly partitions: PartitionsLookup

  /** `turn` resolves in a later turn of the event loop. */
  constructor(sources: MetricSources, turn: () => Promise<void>) {
    this.sources = sources
    this.groups = new GroupsLookup(sources, turn)
    this.partitions = new PartitionsLookup(sources, turn)
  }
}
