import { appendsContract } from './appends.contract.ts'
import type { EngineRun } from './log-run.ts'

/** What every engine promises. `start` begins a run with no data. */
export function partitionLogContract(start: () => EngineRun): void {
  appendsContract(start)
}
