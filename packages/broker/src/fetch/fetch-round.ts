import type { Later, Offset } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import { nextTurn, ROWS_PER_TURN } from '../in-turns.ts'
import { boundOffset } from '../partitions/bound-offset.ts'
import type { RequestContext } from '../request-context.ts'
import type { LocalPartition } from '../services.ts'
import { batchesEnd } from './batches-end.ts'
import type { FetchTarget } from './fetch-target.ts'
import type { FetchTerms } from './fetch-terms.ts'
import { type FetchedRow, refusedRow } from './fetched-row.ts'
import { locate } from './locate.ts'
import { readPartition } from './read-partition.ts'

/** How a log stood before it was read, for telling later whether it has more to give. */
interface LogState {
  readonly partition: LocalPartition
  readonly logBytes: number
  readonly startOffset: Offset
  readonly boundOffset: Offset
  readonly endOffset: Offset
}

/** A row whose log was looked at. */
export interface PartitionRead extends LogState {
  readonly row: FetchedRow
}

/**
 * Reads all partitions of a fetch once, in their order, within its size limits: the first partition that has data gives
 * at least one batch however large (KIP-74), later ones only what still fits.
 */
export class FetchRound {
  readonly reads: PartitionRead[] = []
  private readonly refused: FetchedRow[] = []
  private readonly targets: readonly FetchTarget[]
  private readonly terms: FetchTerms
  private readonly context: RequestContext
  private next = 0
  private bytes = 0

  constructor(targets: readonly FetchTarget[], terms: FetchTerms, context: RequestContext) {
    this.targets = targets
    this.terms = terms
    this.context = context
  }

  /** As requested, but those that were refused without reading come last, as in Kafka. */
  rows(): FetchedRow[] {
    return [...this.reads.map((read) => read.row), ...this.refused]
  }

  release(): void {
    for (const { row } of this.reads) row.release()
  }

  run(): Later<void> {
    const isReplica = this.terms.replicaId !== null
    const refusal = this.refusalOfAll()
    const turnEnd = this.next + ROWS_PER_TURN
    while (this.next < this.targets.length) {
      // Others have their turn.
      if (this.next === turnEnd) return nextTurn(this.context.services.clock).then(() => this.run())
      const target = this.targets[this.next++]
      if (target === undefined) break
      const partition = refusal === ErrorCode.NONE ? locate(target, isReplica, this.context) : refusal
      if (typeof partition === 'number') {
        this.refused.push(refusedRow(target, partition))
        continue
      }
      const state = logState(partition, this.terms)
      const { fetchMemory, fetchTurns } = this.context.services
      if (fetchTurns.isOver && target.fetchOffset < state.boundOffset) {
        this.next--
        return fetchTurns.wait(() => this.run())
      }
      const isFirst = this.bytes === 0 && fetchMemory.hasRoomForOne
      const granted = fetchMemory.grant(Math.min(target.bytesMax, this.terms.bytesMax - this.bytes))
      const row = readPartition(partition, target, this.terms, granted, isFirst, fetchTurns)
      if (row instanceof Promise) return this.resume(row, granted, state)
      fetchTurns.note(row.readBytes)
      this.take({ ...state, row: fetchMemory.keep(row, granted) })
    }
  }

  /** Whether to answer now: enough bytes, or something that is not worth waiting for more. */
  isSatisfied(): boolean {
    if (this.reads.length === 0 || this.bytes >= this.terms.bytesMin) return true
    return this.reads.some((read) => isWorthTelling(read.row) || isCutShort(read))
  }

  private async resume(reading: Promise<FetchedRow>, granted: number, state: LogState): Promise<void> {
    const { fetchMemory } = this.context.services
    try {
      const row = await reading.catch((error: unknown) => {
        fetchMemory.giveBack(granted)
        throw error
      })
      this.take({ ...state, row: fetchMemory.keep(row, granted) })
      await this.run()
    } catch (error) {
      this.release()
      throw error
    }
  }

  private take(read: PartitionRead): void {
    this.reads.push(read)
    this.bytes += read.row.records.length
  }

  /** A replica's fetch needs a broker's rights: it may see what consumers may not yet. */
  private refusalOfAll(): ErrorCode {
    if (this.terms.replicaId === null) return ErrorCode.NONE
    return this.context.authorize('CLUSTER_ACTION', 'CLUSTER', CLUSTER_RESOURCE)
      ? ErrorCode.NONE
      : ErrorCode.TOPIC_AUTHORIZATION_FAILED
  }
}

function isWorthTelling({ divergingEpoch, errorCode, preferredReadReplica }: FetchedRow): boolean {
  return errorCode !== ErrorCode.NONE || divergingEpoch !== null || preferredReadReplica !== -1
}

function logState(partition: LocalPartition, terms: FetchTerms): LogState {
  const { log } = partition
  return {
    partition,
    logBytes: log.sizeBytes,
    startOffset: log.startOffset,
    boundOffset: boundOffset(log, terms.bound),
    endOffset: log.endOffset,
  }
}

/** More could be read than was: a limit or the end of a segment came before the bound. Waiting would bring nothing. */
function isCutShort({ row, boundOffset: bound }: PartitionRead): boolean {
  return (row.readTo ?? batchesEnd(row.records, row.target.fetchOffset)) < bound
}
