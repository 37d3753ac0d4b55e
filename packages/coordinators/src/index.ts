export * from './group/commands.ts'
export * from './runtime/shard.ts'
