export { partitionLogContract } from './partition-log.contract.ts'
export { SimFs } from './sim/sim-fs.ts'
