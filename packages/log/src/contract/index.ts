export { partitionLogContract } from './partition-log.contract.ts'
