import { ErrorCode } from '@odradek/protocol'
import type { WantedMetrics } from './subscription.ts'

/** telemetry.max.bytes */
export const TELEMETRY_BYTES_MAX = 1_048_576

/** zstd, lz4, gzip, snappy: in the order in which the broker would have them. */
export const ACCEPTED_COMPRESSION: readonly number[] = [4, 3, 1, 2]
const NO_COMPRESSION = 0

/** One that has not been heard of for so many of its intervals is forgotten. */
const EXPIRY_INTERVALS = 3
const EXPIRY_MS_MIN = 60_000

export interface Push {
  readonly subscriptionId: number
  readonly terminating: boolean
  readonly compressionType: number
  readonly metricsBytes: number
}

/** What is known of one client instance: what it was asked for, and when it last came. */
export class ClientInstance {
  wanted: WantedMetrics
  subscriptionId: number
  private lastGetMs = Number.NEGATIVE_INFINITY
  private lastPushMs = Number.NEGATIVE_INFINITY
  private lastSeenMs: number
  private lastError: ErrorCode = ErrorCode.NONE
  private isTerminating = false

  constructor(wanted: WantedMetrics, subscriptionId: number, nowMs: number) {
    this.wanted = wanted
    this.subscriptionId = subscriptionId
    this.lastSeenMs = nowMs
  }

  get expiryMs(): number {
    return Math.max(EXPIRY_MS_MIN, EXPIRY_INTERVALS * this.wanted.pushIntervalMs)
  }

  isExpired(nowMs: number): boolean {
    return nowMs - this.lastSeenMs >= this.expiryMs
  }

  seen(nowMs: number): void {
    this.lastSeenMs = nowMs
  }

  /** Other subscriptions match now, or ask for something else: the client may ask again at once. */
  resubscribe(wanted: WantedMetrics, subscriptionId: number): void {
    this.wanted = wanted
    this.subscriptionId = subscriptionId
    this.lastGetMs = Number.NEGATIVE_INFINITY
    this.lastPushMs = Number.NEGATIVE_INFINITY
  }

  /** Asks for the subscription: not before its time, unless it was told to ask again. */
  askSubscription(nowMs: number): ErrorCode {
    if (this.isTooEarly(nowMs)) {
      const wasSentBack =
        this.lastError === ErrorCode.UNKNOWN_SUBSCRIPTION_ID ||
        this.lastError === ErrorCode.UNSUPPORTED_COMPRESSION_TYPE
      if (!wasSentBack) return ErrorCode.THROTTLING_QUOTA_EXCEEDED
    } else {
      this.lastGetMs = nowMs
    }
    this.lastError = ErrorCode.NONE
    return ErrorCode.NONE
  }

  /** Kafka's checks of a push, in its order; NONE when its metrics may be read. */
  checkPush(push: Push, nowMs: number): ErrorCode {
    const error = this.pushError(push, nowMs)
    this.lastError = error
    return error
  }

  /** What it pushed could not be read. */
  pushFailed(): void {
    this.lastError = ErrorCode.INVALID_RECORD
  }

  private pushError(push: Push, nowMs: number): ErrorCode {
    if (this.isTerminating) return ErrorCode.INVALID_REQUEST
    if (!this.takePushTime(nowMs) && !push.terminating) return ErrorCode.THROTTLING_QUOTA_EXCEEDED
    // Even of one that is refused in what follows.
    this.isTerminating = push.terminating
    if (push.subscriptionId !== this.subscriptionId) return ErrorCode.UNKNOWN_SUBSCRIPTION_ID
    if (push.compressionType !== NO_COMPRESSION && !ACCEPTED_COMPRESSION.includes(push.compressionType))
      return ErrorCode.UNSUPPORTED_COMPRESSION_TYPE
    return push.metricsBytes > TELEMETRY_BYTES_MAX ? ErrorCode.TELEMETRY_TOO_LARGE : ErrorCode.NONE
  }

  /** The first push after the subscription was asked for may come at any time: clients spread it over the interval. */
  private takePushTime(nowMs: number): boolean {
    const mayPush = this.lastGetMs > this.lastPushMs || !this.isTooEarly(nowMs)
    if (mayPush) this.lastPushMs = nowMs
    return mayPush
  }

  private isTooEarly(nowMs: number): boolean {
    return nowMs - Math.max(this.lastGetMs, this.lastPushMs) < this.wanted.pushIntervalMs
  }
}
