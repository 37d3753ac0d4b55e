import type { Clock, Fs, Logger } from '@odradek/core'
import type { PartitionIdentity } from '../partition-log.ts'
import type { SegmentedLog } from '../segmented-log.ts'
import { errorText } from '../storage-error.ts'
import type { FutureReplica } from './log-directories.ts'
import type { LogDirectory } from './log-directory.ts'
import { MoveGivenUpError, ReplicaMove } from './replica-move.ts'

interface ReplicaMovesOptions {
  readonly fs: Fs
  readonly clock: Clock
  readonly logger: Logger
  bytesPerSecondMax(): number
  /** A log has gone over to another directory; its old files go when this resolves. */
  placed(identity: PartitionIdentity, directory: LogDirectory): Promise<void>
}

interface PlannedMove {
  readonly move: ReplicaMove
  readonly ended: Promise<void>
}

/** Moves of logs between directories, one at a time, in the order in which they were asked for. */
export class ReplicaMoves {
  private readonly options: ReplicaMovesOptions
  /** By directory name; one that was given up after it had begun leaves when it has cleaned up. */
  private readonly planned = new Map<string, PlannedMove>()
  private last: Promise<void> = Promise.resolve()
  private isStopped = false

  constructor(options: ReplicaMovesOptions) {
    this.options = options
  }

  futureOf(name: string): FutureReplica | null {
    const move = this.planned.get(name)?.move
    if (move === undefined || move.hasSwitched || move.isGivenUp) return null
    return { directory: move.to, sizeBytes: move.sizeBytes, endOffset: move.endOffset }
  }

  /** Whether the log is on its way to `to`, or has just come there. */
  isUnderWay(name: string, to: LogDirectory): boolean {
    const move = this.planned.get(name)?.move
    return move?.to === to && !move.isGivenUp
  }

  begin(name: string, log: SegmentedLog, from: LogDirectory, to: LogDirectory): void {
    const { fs, clock, bytesPerSecondMax, placed } = this.options
    const recordPlace = () => placed(log.identity, to)
    const move = new ReplicaMove({ log, from, to, fs, clock, bytesPerSecondMax, recordPlace })
    const ended = this.last
      .then(() => this.run(move))
      .finally(() => {
        if (this.planned.get(name)?.move === move) this.planned.delete(name)
      })
    this.planned.set(name, { move, ended })
    this.last = ended
  }

  /** Ends a move that has not gone over yet. */
  giveUp(name: string): void {
    const planned = this.planned.get(name)
    if (planned === undefined || planned.move.hasSwitched) return
    planned.move.giveUp()
    if (!planned.move.hasBegun) this.planned.delete(name)
  }

  /** The partition is deleted: nothing touches its files any more when it resolves. */
  async abandon(name: string): Promise<void> {
    this.giveUp(name)
    const planned = this.planned.get(name)
    planned?.move.giveUpForGood()
    await planned?.ended
  }

  /** What is under way is left as it is: the next start begins it anew. */
  async stop(): Promise<void> {
    this.isStopped = true
    for (const { move } of this.planned.values()) move.giveUp()
    await this.last
  }

  private async run(move: ReplicaMove): Promise<void> {
    const { logger } = this.options
    const { topicName, partition } = move.log.identity
    const fields = { topic: topicName, partition, from: move.from.path, to: move.to.path }
    if (this.isStopped || move.isGivenUp) return
    try {
      await move.run()
      logger.info('a partition has moved to another directory', fields)
    } catch (error) {
      if (this.isStopped) return
      const why = errorText(error)
      if (move.hasSwitched) {
        logger.error('a partition has moved, and what it left behind stays until the next start', { ...fields, why })
      } else {
        if (error instanceof MoveGivenUpError)
          logger.info('a move to another directory was given up', { ...fields, why })
        else logger.error('a partition could not be moved to another directory and stays', { ...fields, why })
        await this.cleanUp(move)
      }
      await move.to.probe()
    }
  }

  private async cleanUp(move: ReplicaMove): Promise<void> {
    try {
      await move.cleanUp()
    } catch (error) {
      this.options.logger.warn('what a move has left could not be removed; the next start does', {
        why: errorText(error),
      })
    }
  }
}
