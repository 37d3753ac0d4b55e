import { assert, type Clock } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { Deadlines } from './deadlines.ts'
import type { Append, CoordinatorRecord, EndMarker, Now, Reply, Shard, Step, TransactionalProducer } from './shard.ts'

export interface ShardRunnerOptions<Command, Response, Effect = never> {
  readonly clock: Clock
  /** A fresh machine, for each time the log is loaded. */
  createShard(): Shard<Command, Response, Effect>
  /**
   * Writes the records, or the marker, at the log's end, in the order of calls, as one unit. `done` is called once, in that order too:
   * with NONE when they are durable, else with the reason, which leaves the machine ahead of its log.
   */
  append(append: Append, done: (errorCode: ErrorCode) => void): void
  /** The answer that says only `errorCode`, in the form that fits the command. */
  errorResponse(command: Command, errorCode: ErrorCode): Response
  /** What a client is told of an append that failed with `errorCode`. */
  appendErrorCode(errorCode: ErrorCode): ErrorCode
  /**
   * The machine was dropped, all its requests are answered and none of its appends is under way any more. Its log is the
   * truth now: call `reload`, hand over the records, call `loaded`. `error` is set when it was our bug.
   */
  onFailed(errorCode: ErrorCode, error: unknown): void
  /**
   * Begins what a step asks for, once the records it rests on are durable. Called while the machine is active, never for
   * one that was dropped meanwhile. Only a machine without effects may do without.
   */
  onEffect?(effect: Effect): void
}

export type RunnerState = 'loading' | 'active' | 'failed' | 'stopped'

interface Pending<Command, Response> {
  readonly command: Command
  readonly done: (response: Response) => void
}

/** What waits for an append to be durable. */
interface Waiting<Response, Effect> {
  readonly replies: Reply<Response>[]
  readonly effects: Effect[]
}

/**
 * The mailbox of one machine: decide, replay at once, append, reply when durable. A reply that rests on no records of
 * its own (a read) waits for the last append before it, since what it read may not be durable yet; so does an effect.
 */
export class ShardRunner<Command, Response, Effect = never> {
  private readonly options: ShardRunnerOptions<Command, Response, Effect>
  private readonly deadlines: Deadlines
  private shard: Shard<Command, Response, Effect>
  private current: RunnerState = 'loading'
  private requestId = 0
  private readonly pending = new Map<number, Pending<Command, Response>>()
  private appends: Waiting<Response, Effect>[] = []
  private appendsUnderWay = 0
  private failure: { readonly errorCode: ErrorCode; readonly error: unknown } | null = null

  constructor(options: ShardRunnerOptions<Command, Response, Effect>) {
    this.options = options
    this.shard = options.createShard()
    this.deadlines = new Deadlines(options.clock, (key) => this.expire(key))
  }

  get state(): RunnerState {
    return this.current
  }

  /** Requests that have no answer yet. */
  get pendingRequests(): number {
    return this.pending.size
  }

  /** A record from the log, in the order of the log, while loading. */
  replay(record: CoordinatorRecord, recordWallMs: Now['wallMs'], producer: TransactionalProducer | null = null): void {
    assert(this.current === 'loading', 'records are handed over only while loading')
    this.shard.replay(record, recordWallMs, producer)
  }

  /** A marker from the log, in its place among the records. */
  replayMarker(marker: Pick<EndMarker, 'producerId' | 'committed'>): void {
    assert(this.current === 'loading', 'markers are handed over only while loading')
    this.shard.replayMarker?.(marker)
  }

  /** The log has been read to its end: the machine takes requests from here on. */
  loaded(): void {
    assert(this.current === 'loading', 'loaded once, after loading')
    this.current = 'active'
    this.run((shard, now) => shard.loaded(now))
  }

  /** After a failure: begins again with a fresh machine. */
  reload(): void {
    assert(this.current === 'failed' && this.appendsUnderWay === 0, 'reloaded only after onFailed')
    this.shard = this.options.createShard()
    this.failure = null
    this.current = 'loading'
  }

  /** `done` is called exactly once, perhaps before this returns. */
  submit(command: Command, done: (response: Response) => void): void {
    if (this.current !== 'active') {
      const errorCode = this.current === 'loading' ? ErrorCode.COORDINATOR_LOAD_IN_PROGRESS : ErrorCode.NOT_COORDINATOR
      done(this.options.errorResponse(command, errorCode))
      return
    }
    const requestId = this.requestId++
    this.pending.set(requestId, { command, done })
    this.run((shard, now) => shard.decide(requestId, command, now))
  }

  /** Answers all who wait with `errorCode` and takes no more. Appends under way are left to the log. */
  stop(errorCode: ErrorCode = ErrorCode.NOT_COORDINATOR): void {
    if (this.current === 'stopped') return
    this.current = 'stopped'
    this.drop(errorCode)
  }

  private expire(key: string): void {
    if (this.current === 'active') this.run((shard, now) => shard.expire(key, now))
  }

  private run(decide: (shard: Shard<Command, Response, Effect>, now: Now) => Step<Response, Effect>): void {
    const { clock } = this.options
    const now = { wallMs: clock.wallMs(), monotonicMs: clock.monotonicMs() }
    let step: Step<Response, Effect>
    try {
      step = decide(this.shard, now)
      for (const record of step.records) this.shard.replay(record, now.wallMs, step.producer ?? null)
      if (step.marker !== undefined) this.shard.replayMarker?.(step.marker)
    } catch (error) {
      // Its state may be half changed: only the log can tell what is true.
      this.fail(ErrorCode.UNKNOWN_SERVER_ERROR, error)
      return
    }
    for (const { key, delayMs } of step.timers) {
      if (delayMs === null) this.deadlines.cancel(key)
      else this.deadlines.set(key, delayMs)
    }
    if (step.records.length > 0 || step.marker !== undefined) this.append(step)
    else this.finishInOrder(step)
  }

  private append(step: Step<Response, Effect>): void {
    assert(step.marker === undefined || step.records.length === 0, 'a marker is a batch by itself')
    const waiting = { replies: [...step.replies], effects: [...(step.effects ?? [])] }
    this.appends.push(waiting)
    this.appendsUnderWay++
    this.options.append(step, (errorCode) => this.appended(waiting, errorCode))
  }

  private appended(waiting: Waiting<Response, Effect>, errorCode: ErrorCode): void {
    this.appendsUnderWay--
    if (this.current !== 'active') {
      this.reportFailure()
    } else if (errorCode === ErrorCode.NONE) {
      assert(this.appends[0] === waiting, 'appends are done in their order')
      this.appends.shift()
      this.finish(waiting)
    } else {
      this.fail(errorCode, null)
    }
  }

  private finishInOrder({ replies, effects = [] }: Step<Response, Effect>): void {
    const last = this.appends.at(-1)
    if (last === undefined) {
      this.finish({ replies, effects })
    } else {
      last.replies.push(...replies)
      last.effects.push(...effects)
    }
  }

  private finish({ replies, effects }: Required<Pick<Step<Response, Effect>, 'replies' | 'effects'>>): void {
    this.reply(replies)
    for (const effect of effects) {
      // A reply, or an effect before this one, may have set off what dropped the machine.
      if (this.current !== 'active') return
      assert(this.options.onEffect !== undefined, 'a machine with effects has somebody who does them')
      this.options.onEffect(effect)
    }
  }

  private reply(replies: readonly Reply<Response>[]): void {
    for (const { requestId, response } of replies) {
      const request = this.pending.get(requestId)
      // None when the machine was dropped by what an earlier reply of this step has set off.
      if (request === undefined) continue
      this.pending.delete(requestId)
      request.done(response)
    }
  }

  private fail(errorCode: ErrorCode, error: unknown): void {
    this.current = 'failed'
    this.failure = { errorCode, error }
    this.drop(this.options.appendErrorCode(errorCode))
    this.reportFailure()
  }

  private drop(errorCode: ErrorCode): void {
    this.deadlines.clear()
    this.appends = []
    const requests = [...this.pending.values()]
    this.pending.clear()
    for (const { command, done } of requests) done(this.options.errorResponse(command, errorCode))
  }

  private reportFailure(): void {
    if (this.current !== 'failed' || this.appendsUnderWay > 0 || this.failure === null) return
    const { errorCode, error } = this.failure
    this.failure = null
    this.options.onFailed(errorCode, error)
  }
}
