export { type CheckResult, VectorChecker } from './check-lines.ts'
export { packedLines, specsDirectory } from './packed.ts'
