import type { Later } from '@odradek/core'
import type { FixedHistogram } from './fixed-histogram.ts'
import type { Scrape } from './scrape.ts'

export type Labels = Readonly<Record<string, string | number>>

export interface Sample {
  readonly labels: Labels
  readonly value: number
  /** Of a part of a histogram; the family's own name otherwise. */
  readonly metricName?: string
}

/** One metric: a name with all its label values. What it is is fixed; its values are looked up when somebody asks. */
export interface Family {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary'
  /** For the list of metrics; a sample may do without some. */
  readonly labels: readonly string[]
  collect(samples: Samples, scrape: Scrape): Later<void>
}

/** Rows made in one turn of the event loop: a hundred thousand at once would hold up the clients. */
export const ROWS_PER_TURN_MAX = 1000

/** Takes the values of one family. */
export class Samples {
  readonly all: Sample[] = []
  private readonly name: string
  private readonly turn: () => Promise<void>

  /** `turn` resolves in a later turn of the event loop. */
  constructor(name: string, turn: () => Promise<void>) {
    this.name = name
    this.turn = turn
  }

  add(labels: Labels, value: number): void {
    this.all.push({ labels, value })
  }

  /** As another library has put it. */
  addSample(sample: Sample): void {
    this.all.push(sample)
  }

  addHistogram(labels: Labels, histogram: FixedHistogram): void {
    const { name } = this
    let below = 0
    for (const [index, count] of histogram.counts.entries()) {
      below += count
      const le = histogram.bounds[index] ?? '+Inf'
      this.all.push({ labels: { le, ...labels }, value: below, metricName: `${name}_bucket` })
    }
    this.all.push({ labels, value: histogram.sum, metricName: `${name}_sum` })
    this.all.push({ labels, value: below, metricName: `${name}_count` })
  }

  /** To be awaited, where it is a promise, between rows of which there may be very many. */
  pace(rowsDone: number): Later<void> {
    if (rowsDone % ROWS_PER_TURN_MAX === ROWS_PER_TURN_MAX - 1) return this.turn()
  }
}

/** The label value under which whatever is past a limit is summed up: no topic can have such a name. */
export const OTHER = '<other>'
