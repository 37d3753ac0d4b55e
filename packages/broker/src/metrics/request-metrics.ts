import { FixedHistogram, SIZE_BOUNDS_BYTES, TIME_BOUNDS_MS } from './fixed-histogram.ts'

/** Error codes begin at -1 (UNKNOWN_SERVER_ERROR). */
const ERROR_CODE_MIN = -1

/** What was asked in one version of one API. */
export class VersionMetrics {
  readonly timesMs = new FixedHistogram(TIME_BOUNDS_MS)
  readonly requestBytes = new FixedHistogram(SIZE_BOUNDS_BYTES)
  readonly responseBytes = new FixedHistogram(SIZE_BOUNDS_BYTES)
}

class ApiMetrics {
  readonly versions: (VersionMetrics | undefined)[] = []
  /** By code, from -1 on. */
  readonly errors: number[] = []
  /** Requests begun whose answer is still to come. */
  waiting = 0
  readonly throttlesMs = new FixedHistogram(TIME_BOUNDS_MS)
}

/**
 * What requests cost. Counted for every one, so nothing here is looked up by name: arrays by API key and version, which
 * only a scrape turns into metrics. The versions are those that are served, which bounds their number.
 */
export class RequestMetrics {
  private readonly apis: (ApiMetrics | undefined)[] = []

  /** A request has been answered, or has found that it gets no answer (then `responseBytes` is 0). */
  answered(apiKey: number, version: number, elapsedMs: number, requestBytes: number, responseBytes: number): void {
    const { versions } = this.api(apiKey)
    let metrics = versions[version]
    if (metrics === undefined) {
      metrics = new VersionMetrics()
      versions[version] = metrics
    }
    metrics.timesMs.record(elapsedMs)
    metrics.requestBytes.record(requestBytes)
    metrics.responseBytes.record(responseBytes)
  }

  /** A code that stands in an answer, at whatever depth; NONE is counted too, as in Kafka. */
  error(apiKey: number, code: number): void {
    const { errors } = this.api(apiKey)
    const index = code - ERROR_CODE_MIN
    errors[index] = (errors[index] ?? 0) + 1
  }

  /** A request waits for its answer (1), or does no longer (-1). */
  waits(apiKey: number, change: 1 | -1): void {
    this.api(apiKey).waiting += change
  }

  throttled(apiKey: number, throttleTimeMs: number): void {
    this.api(apiKey).throttlesMs.record(throttleTimeMs)
  }

  /** Calls `visit` for every version of every API that has been asked for. */
  eachVersion(visit: (apiKey: number, version: number, metrics: VersionMetrics) => void): void {
    for (const [key, api] of this.apis.entries())
      for (const [version, metrics] of api?.versions.entries() ?? []) {
        if (metrics !== undefined) visit(key, version, metrics)
      }
  }

  eachError(visit: (apiKey: number, code: number, count: number) => void): void {
    for (const [key, api] of this.apis.entries())
      for (const [index, count] of api?.errors.entries() ?? []) {
        if (count !== undefined) visit(key, index + ERROR_CODE_MIN, count)
      }
  }

  eachThrottle(visit: (apiKey: number, throttlesMs: FixedHistogram) => void): void {
    for (const [key, api] of this.apis.entries()) {
      if (api !== undefined && api.throttlesMs.count > 0) visit(key, api.throttlesMs)
    }
  }

  waiting(apiKey: number): number {
    return this.apis[apiKey]?.waiting ?? 0
  }

  private api(apiKey: number): ApiMetrics {
    let api = this.apis[apiKey]
    if (api === undefined) {
      api = new ApiMetrics()
      this.apis[apiKey] = api
    }
    return api
  }
}
