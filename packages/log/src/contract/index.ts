export type { EngineRun } from './log-run.ts'
export { partitionLogContract } from './partition-log.contract.ts'
