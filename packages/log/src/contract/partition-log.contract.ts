import { appendsContract } from './appends.contract.ts'
import { lifecycleContract } from './lifecycle.contract.ts'
import type { EngineRun } from './log-run.ts'
import { producersContract } from './producers.contract.ts'
import { readsContract } from './reads.contract.ts'
import { retentionContract } from './retention.contract.ts'
import { timestampsContract } from './timestamps.contract.ts'

/** What every engine promises. `start` begins a run without data. */
export function partitionLogContract(start: () => EngineRun): void {
  appendsContract(start)
  readsContract(start)
  producersContract(start)
  timestampsContract(start)
  lifecycleContract(start)
  retentionContract(start)
}
