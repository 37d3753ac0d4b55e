import type { Cancel, Clock } from './clock.ts'
import type { MonotonicMs, WallMs } from './ids.ts'

/** setTimeout counts in a signed 32-bit integer; a longer delay would fire at once. */
const TIMER_DELAY_MS_MAX = 2_147_483_647

export class SystemClock implements Clock {
  wallMs(): WallMs {
    return Date.now() as WallMs
  }

  monotonicMs(): MonotonicMs {
    return performance.now() as MonotonicMs
  }

  after(delayMs: number, run: () => void): Cancel {
    if (delayMs > TIMER_DELAY_MS_MAX) return this.afterLong(delayMs, run)
    const timer = setTimeout(run, Math.max(0, delayMs))
    timer.unref()
    return () => clearTimeout(timer)
  }

  soon(run: () => void): void {
    setImmediate(run)
  }

  private afterLong(delayMs: number, run: () => void): Cancel {
    let cancel: Cancel = () => {}
    const step = (leftMs: number): void => {
      cancel = this.after(Math.min(leftMs, TIMER_DELAY_MS_MAX), () =>
        leftMs > TIMER_DELAY_MS_MAX ? step(leftMs - TIMER_DELAY_MS_MAX) : run(),
      )
    }
    step(delayMs)
    return () => cancel()
  }
}
