export { type CheckResult, VectorChecker } from './check-lines.ts'
