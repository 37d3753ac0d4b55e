export { type CheckResult, VectorChecker } from './check-lines.ts'
export { specsDirectory } from './packed.ts'
