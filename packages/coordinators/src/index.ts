export * from './group/commands.ts'
export { partitionFor } from './runtime/partition-for.ts'
export { type RunnerState, ShardRunner, type ShardRunnerOptions } from './runtime/runner.ts'
export type { CoordinatorRecord, Now, Reply, Shard, Step, TimerChange } from './runtime/shard.ts'
