import type { LoadFigures } from './load-run.ts'

interface Figure {
  readonly title: string
  readonly digits: number
}

/** Everything that a round may measure, in the order of the table. */
export const FIGURES = {
  requestsPerSecond: { title: 'requests/s', digits: 0 },
  messagesPerSecond: { title: 'messages/s', digits: 0 },
  mbPerSecond: { title: 'MB/s', digits: 1 },
  p50Ms: { title: 'p50 ms', digits: 3 },
  p99Ms: { title: 'p99 ms', digits: 3 },
  p999Ms: { title: 'p99.9 ms', digits: 3 },
  deliveryP50Ms: { title: 'delivery p50 ms', digits: 3 },
  deliveryP99Ms: { title: 'delivery p99 ms', digits: 3 },
  deliveryP999Ms: { title: 'delivery p99.9 ms', digits: 3 },
  cpuUsPerRequest: { title: 'CPU us/request', digits: 1 },
  cpuUsPerMb: { title: 'CPU us/MB', digits: 0 },
  startMs: { title: 'start ms', digits: 0 },
  rebalanceMs: { title: 'rebalance ms', digits: 0 },
  kbPerConnection: { title: 'KB/connection', digits: 1 },
  kbPerPartition: { title: 'KB/partition', digits: 1 },
  kbPerGroup: { title: 'KB/group', digits: 1 },
  cpuShareOfClient: { title: 'broker CPU / client CPU', digits: 3 },
  residentMb: { title: 'resident MB', digits: 0 },
  peakMb: { title: 'peak MB', digits: 0 },
} satisfies Readonly<Record<string, Figure>>

export type FigureName = keyof typeof FIGURES
export const FIGURE_NAMES = Object.keys(FIGURES).filter((name): name is FigureName => name in FIGURES)

/** What one round of one target came to. */
export interface Sample {
  readonly figures: Readonly<Partial<Record<FigureName, number>>>
  /** Of the machine's time, taken away by others on the host. */
  readonly stealShare: number
  /** Of the machine's time, spent by processes that belong neither to the broker nor to the load. */
  readonly foreignShare: number
  /** Of one processor; 0 where the load is not the generator's. */
  readonly generatorShare: number
}

function latencyFigures({ latency, delivery }: LoadFigures): Sample['figures'] {
  return {
    ...(latency === null ? {} : { p50Ms: latency.p50Ms, p99Ms: latency.p99Ms, p999Ms: latency.p999Ms }),
    ...(delivery === null
      ? {}
      : { deliveryP50Ms: delivery.p50Ms, deliveryP99Ms: delivery.p99Ms, deliveryP999Ms: delivery.p999Ms }),
  }
}

export function sampleOf(figures: LoadFigures): Sample {
  const { seconds, requests, bytes, brokerCpuMs } = figures
  return {
    figures: {
      requestsPerSecond: requests / seconds,
      mbPerSecond: bytes / 1e6 / seconds,
      ...latencyFigures(figures),
      cpuUsPerRequest: (brokerCpuMs * 1000) / requests,
      cpuUsPerMb: (brokerCpuMs * 1000) / (bytes / 1e6),
      residentMb: figures.residentKb / 1000,
      peakMb: figures.peakKb / 1000,
    },
    stealShare: figures.stealShare,
    foreignShare: figures.foreignShare,
    generatorShare: figures.generatorCpuMs / 1000 / seconds,
  }
}
