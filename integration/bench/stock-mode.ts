import { STOCK_CASES } from './cases.ts'
import type { BenchOptions } from './flags.ts'
import { measureCases } from './rounds-mode.ts'

/** `npm run bench -- --stock-clients`: other people's clients against this broker and against Kafka. */
export const stockMode = (options: BenchOptions): Promise<number> => measureCases(STOCK_CASES, options)
