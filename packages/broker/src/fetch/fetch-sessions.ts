import type { Clock, MonotonicMs, Prng } from '@odradek/core'
import { ErrorCode, type FetchRequest } from '@odradek/protocol'
import { FetchSession, followingEpoch } from './fetch-session.ts'
import { FETCH_BY_ID_VERSION_MIN, type FetchTarget, fetchTargets, forgottenPartitions } from './fetch-target.ts'
import type { FetchedRow } from './fetched-row.ts'

/** No session: in requests a full fetch, in responses "none was made". */
const NO_SESSION_ID = 0
const FULL_FETCH_EPOCH = 0
const FINAL_EPOCH = -1

/** A session may be put out for another after this time: unused for so long, or made so long ago and smaller. */
const EVICTION_AGE_MS = 120_000

const SESSION_ID_LIMIT = 2_147_483_647

export interface FetchAnswer {
  readonly errorCode: ErrorCode
  readonly sessionId: number
  readonly rows: readonly FetchedRow[]
}

/** One fetch, between the request that says what is wanted and the answer. */
export interface FetchExchange {
  readonly targets: readonly FetchTarget[]
  /** Chooses what to send and remembers it; rows left out are released. */
  answer(rows: readonly FetchedRow[]): FetchAnswer
  /** Nothing is sent, and all is remembered as it was. Of a session only that this fetch took place. */
  throttled(): FetchAnswer
  /** Rows that say nothing new are left out. */
  readonly isIncremental: boolean
}

export type OpenedFetch =
  | { readonly ok: true; readonly exchange: FetchExchange }
  | { readonly ok: false; readonly errorCode: ErrorCode }

export interface FetchSessionsOptions {
  readonly clock: Clock
  readonly prng: Prng
  /** max.incremental.fetch.session.cache.slots */
  slotsMax(): number
  /** Partitions of all sessions together, about 300 bytes each; Kafka has no such bound. Past it fetches go without a session. */
  readonly partitionsMax: number
}

/**
 * The fetch sessions of one node, at most `slotsMax` of them: clients exist that open a session with every poll and never
 * come back to it. There are no follower fetches here, hence none of the privilege that Kafka gives those.
 */
export class FetchSessions {
  private readonly options: FetchSessionsOptions
  private readonly partitionsMax: number
  /** Least recently used first. */
  private readonly sessions = new Map<number, FetchSession>()
  private partitionsCount = 0

  constructor(options: FetchSessionsOptions) {
    this.options = options
    this.partitionsMax = options.partitionsMax
  }

  get size(): number {
    return this.sessions.size
  }

  open(request: FetchRequest, version: number): OpenedFetch {
    const full = request.sessionEpoch === FULL_FETCH_EPOCH || request.sessionEpoch === FINAL_EPOCH
    if (!full) return this.openIncremental(request, version)
    // A full fetch ends the session that it names; an unknown one is no error.
    this.remove(request.sessionId)
    const targets = Array.from(fetchTargets(request, version).values())
    if (request.sessionEpoch === FINAL_EPOCH) return { ok: true, exchange: sessionless(targets) }
    return {
      ok: true,
      exchange: {
        targets,
        answer: (rows) => this.answerFull(rows, version >= FETCH_BY_ID_VERSION_MIN),
        throttled: () => emptyAnswer(NO_SESSION_ID),
        isIncremental: false,
      },
    }
  }

  private openIncremental(request: FetchRequest, version: number): OpenedFetch {
    const session = this.sessions.get(request.sessionId)
    if (session === undefined) return { ok: false, errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND }
    if (session.epoch !== request.sessionEpoch) return { ok: false, errorCode: ErrorCode.INVALID_FETCH_SESSION_EPOCH }
    if (session.usesTopicIds !== version >= FETCH_BY_ID_VERSION_MIN)
      return { ok: false, errorCode: ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR }
    const wanted = fetchTargets(request, version)
    this.partitionsCount -= session.size
    session.update(wanted, forgottenPartitions(request, version))
    this.partitionsCount += session.size
    if (session.size === 0) {
      this.remove(session.id)
      return { ok: true, exchange: sessionless([]) }
    }
    if (this.partitionsCount > this.partitionsMax) {
      this.remove(session.id)
      return { ok: false, errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND }
    }
    session.advance(this.options.clock.monotonicMs())
    this.sessions.delete(session.id)
    this.sessions.set(session.id, session)
    const epoch = followingEpoch(request.sessionEpoch)
    return {
      ok: true,
      exchange: {
        targets: session.targets(),
        answer: (rows) => this.answerIncremental(session, epoch, rows),
        throttled: () => this.answerIncremental(session, epoch, []),
        isIncremental: true,
      },
    }
  }

  private answerFull(rows: readonly FetchedRow[], usesTopicIds: boolean): FetchAnswer {
    return { errorCode: ErrorCode.NONE, sessionId: this.make(rows, usesTopicIds), rows }
  }

  /** Another connection may have used or ended the session while this fetch waited. */
  private answerIncremental(session: FetchSession, epoch: number, rows: readonly FetchedRow[]): FetchAnswer {
    if (session.epoch === epoch) return { errorCode: ErrorCode.NONE, sessionId: session.id, rows: session.select(rows) }
    for (const row of rows) row.release()
    return { errorCode: ErrorCode.INVALID_FETCH_SESSION_EPOCH, sessionId: session.id, rows: [] }
  }

  /** The id of a new session, or of none where the cache has no place for it. */
  private make(rows: readonly FetchedRow[], usesTopicIds: boolean): number {
    const nowMs = this.options.clock.monotonicMs()
    if (this.partitionsCount + rows.length > this.partitionsMax) return NO_SESSION_ID
    if (this.sessions.size >= this.options.slotsMax() && !this.evict(rows.length, nowMs)) return NO_SESSION_ID
    const session = new FetchSession(this.unusedId(), usesTopicIds, nowMs, rows)
    this.sessions.set(session.id, session)
    this.partitionsCount += session.size
    return session.id
  }

  /** Makes place for a session of `size` partitions. */
  private evict(size: number, nowMs: MonotonicMs): boolean {
    const [oldest] = this.sessions.values()
    if (oldest === undefined) return false
    if (nowMs - oldest.lastUsedMs > EVICTION_AGE_MS) return this.remove(oldest.id)
    let smallest: FetchSession | undefined
    for (const session of this.sessions.values()) {
      const evictable = nowMs - session.createdMs > EVICTION_AGE_MS
      if (evictable && session.size < (smallest?.size ?? size)) smallest = session
    }
    return smallest !== undefined && this.remove(smallest.id)
  }

  private remove(id: number): boolean {
    const session = this.sessions.get(id)
    if (session === undefined) return false
    this.sessions.delete(id)
    this.partitionsCount -= session.size
    return true
  }

  private unusedId(): number {
    for (;;) {
      const id = this.options.prng.below(SESSION_ID_LIMIT - 1) + 1
      if (!this.sessions.has(id)) return id
    }
  }
}

function sessionless(targets: readonly FetchTarget[]): FetchExchange {
  return {
    targets,
    answer: (rows) => ({ errorCode: ErrorCode.NONE, sessionId: NO_SESSION_ID, rows }),
    throttled: () => emptyAnswer(NO_SESSION_ID),
    isIncremental: false,
  }
}

function emptyAnswer(sessionId: number): FetchAnswer {
  return { errorCode: ErrorCode.NONE, sessionId, rows: [] }
}
