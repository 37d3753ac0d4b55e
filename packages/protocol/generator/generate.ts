import { emitApi, emitApiIndex, emitErrorCodes, emitMessages } from './emit-module.ts'
import type { Specs } from './load-specs.ts'

/** Text of every generated module by its path below the output directory; the same specs give the same text. */
export function generate(specs: Specs): Map<string, string> {
  const modules = new Map<string, string>()
  for (const api of specs.apis) modules.set(`apis/${api.fileName}.ts`, emitApi(api))
  for (const records of specs.records) modules.set(`records/${records.fileName}.ts`, emitMessages(records, '../..'))
  modules.set('apis.ts', emitApiIndex(specs.apis))
  modules.set('headers.ts', emitMessages(specs.headers, '..'))
  modules.set('error-codes.ts', emitErrorCodes(specs.errors))
  return modules
}
