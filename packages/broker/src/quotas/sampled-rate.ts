import { assert } from '@odradek/core'

/** How long is looked back: `quota.window.num` samples of `quota.window.size.seconds`. */
export interface QuotaWindow {
  readonly samples: number
  readonly sampleMs: number
}

interface Sample {
  startMs: number
  lastMs: number
  value: number
}

/**
 * Kafka's Rate over a SampledStat: what was recorded in the samples that reach into the window, over the time since the
 * oldest of them began. The window counts as one sample short of full from the start, so that a client's first moments
 * are not a rate of their own.
 */
export class SampledRate {
  private readonly window: QuotaWindow
  private readonly samples: Sample[] = []
  private current = 0

  constructor(window: QuotaWindow) {
    assert(window.samples >= 1 && window.sampleMs > 0, 'a window has samples')
    this.window = window
  }

  record(value: number, nowMs: number): void {
    let sample = this.samples[this.current]
    if (sample === undefined) sample = this.add(nowMs)
    else if (nowMs - sample.startMs >= this.window.sampleMs) sample = this.advance(nowMs)
    sample.value += value
    sample.lastMs = nowMs
  }

  /** A second. */
  measure(nowMs: number): number {
    const windowMs = this.windowMs(nowMs)
    let sum = 0
    for (const { value } of this.samples) sum += value
    return sum / (windowMs / 1000)
  }

  /** For how long nothing may be recorded until the rate is `limit` again; 0 when it is not above. */
  throttleMs(limit: number, nowMs: number): number {
    const rate = this.measure(nowMs)
    return rate > limit ? Math.round(((rate - limit) / limit) * this.windowMs(nowMs)) : 0
  }

  private windowMs(nowMs: number): number {
    const { samples, sampleMs } = this.window
    this.purge(nowMs)
    let oldestMs = nowMs
    for (const { startMs } of this.samples) oldestMs = Math.min(oldestMs, startMs)
    const elapsedMs = nowMs - oldestMs
    const missing = samples - 1 - Math.floor(elapsedMs / sampleMs)
    return Math.max(elapsedMs + Math.max(0, missing) * sampleMs, 1)
  }

  /** Samples that reach into the window are kept whole, even if they began before it. */
  private purge(nowMs: number): void {
    const expiryMs = this.window.samples * this.window.sampleMs
    for (const sample of this.samples) if (nowMs - sample.lastMs >= expiryMs) reset(sample, nowMs)
  }

  /** One sample more than the window has, since the oldest may reach into it only in part. */
  private advance(nowMs: number): Sample {
    this.current = (this.current + 1) % (this.window.samples + 1)
    const sample = this.samples[this.current]
    if (sample === undefined) return this.add(nowMs)
    reset(sample, nowMs)
    return sample
  }

  private add(nowMs: number): Sample {
    const sample = { startMs: nowMs, lastMs: nowMs, value: 0 }
    this.samples.push(sample)
    return sample
  }
}

function reset(sample: Sample, nowMs: number): void {
  sample.startMs = nowMs
  sample.lastMs = nowMs
  sample.value = 0
}
