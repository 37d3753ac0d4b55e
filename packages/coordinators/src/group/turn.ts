import type {
  CoordinatorRecord,
  EndMarker,
  Now,
  Reply,
  Step,
  TimerChange,
  TransactionalProducer,
} from '../runtime/shard.ts'
import type { GroupResponse } from './commands.ts'
import type { GroupConfig } from './config.ts'

/** One decision being made: what it may look at, and what it comes to. */
export class Turn implements Step<GroupResponse> {
  readonly now: Now
  readonly config: GroupConfig
  readonly records: CoordinatorRecord[] = []
  readonly timers: TimerChange[] = []
  readonly replies: Reply<GroupResponse>[] = []
  /** Set where the records belong to its transaction. */
  producer?: TransactionalProducer
  marker?: EndMarker

  constructor(now: Now, config: GroupConfig) {
    this.now = now
    this.config = config
  }

  record(record: CoordinatorRecord): void {
    this.records.push(record)
  }

  /** A client may name any timeout; one that has passed is due at once. */
  setTimer(key: string, delayMs: number): void {
    this.timers.push({ key, delayMs: Math.max(0, delayMs) })
  }

  cancelTimer(key: string): void {
    this.timers.push({ key, delayMs: null })
  }

  reply(requestId: number, response: GroupResponse): void {
    this.replies.push({ requestId, response })
  }
}
