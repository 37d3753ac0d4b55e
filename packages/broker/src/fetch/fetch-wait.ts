import { ErrorCode } from '@odradek/protocol'
import { boundOffset } from '../partitions/bound-offset.ts'
import type { RequestContext } from '../request-context.ts'
import type { LocalPartition } from '../services.ts'
import type { FetchRound, PartitionRead } from './fetch-round.ts'
import type { FetchTerms } from './fetch-terms.ts'

/** Why a wait ended: there may be enough now, the client's time is over, memory is short, or the client is gone. */
export type WaitEnd = 'look' | 'timeout' | 'short' | 'closed'

/**
 * Waits until the partitions of `round` may together give `bytesMin`, without reading them again: a log that has grown
 * by n bytes since it was read has at most n more to give. Costs nothing while nothing happens.
 */
export function waitForMore(
  round: FetchRound,
  terms: FetchTerms,
  waitMs: number,
  context: RequestContext,
): Promise<WaitEnd> {
  const { clock, partitions } = context.services
  return new Promise((resolve) => {
    const reads = round.reads.filter((read) => read.row.errorCode === ErrorCode.NONE)
    const bytes = reads.map((read) => read.row.records.length)
    let bytesInAll = bytes.reduce((sum, some) => sum + some, 0)
    const removals: (() => void)[] = []
    let ended = false
    function end(why: WaitEnd): void {
      ended = true
      for (const remove of removals.splice(0)) remove()
      resolve(why)
    }
    function look(index: number, read: PartitionRead): void {
      const before = bytes[index] ?? 0
      const now = availableBytes(read, terms, before)
      bytes[index] = now
      bytesInAll += now - before
      if (bytesInAll >= terms.bytesMin) end('look')
    }
    removals.push(clock.after(waitMs, () => end('timeout')))
    removals.push(context.onClosed(() => end('closed')))
    // The client was gone before the wait began.
    if (ended) return
    removals.push(context.onShortOfRoom(() => end('short')))
    removals.push(
      partitions.watch(() => {
        if (
          reads.some((read) =>
            hasMoved(read.partition, partitions.find(read.partition.topic, read.partition.view.index)),
          )
        )
          end('look')
      }),
    )
    for (const [index, read] of reads.entries()) {
      if (ended) return
      removals.push(read.partition.log.watch(() => look(index, read)))
      // The log may have moved while those after it were read from a late engine.
      look(index, read)
    }
  })
}

/** Infinity: the log has to be looked at. `before` is what was last known to be there. */
function availableBytes(read: PartitionRead, terms: FetchTerms, before: number): number {
  const { log } = read.partition
  if (log.failure !== null || log.startOffset !== read.startOffset) return Number.POSITIVE_INFINITY
  if (boundOffset(log, terms.bound) === read.boundOffset) return before
  const grownBytes = log.sizeBytes - read.logBytes
  // What lay behind the bound then was counted in the log's size already; compaction may have made the log smaller.
  if (read.endOffset > read.boundOffset || grownBytes < 0) return Number.POSITIVE_INFINITY
  return Math.min(read.row.target.bytesMax, read.row.records.length + grownBytes)
}

function hasMoved(before: LocalPartition, now: LocalPartition | null): boolean {
  return now === null || now.view.leaderEpoch !== before.view.leaderEpoch || now.view.leader !== before.view.leader
}
