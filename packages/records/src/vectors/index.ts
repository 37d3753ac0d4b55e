export { checkRecordLine } from './check-record-line.ts'
export { parseRecordLine } from './record-line.ts'
