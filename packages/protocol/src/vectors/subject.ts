import { loadSpecs } from '../../generator/load-specs.ts'
import { type Message, resolveRequest, resolveResponse, resolveStandalone } from '../../generator/resolve.ts'
import type { Codec } from '../api.ts'
import { apis } from '../generated/apis.ts'
import { RequestHeader, ResponseHeader } from '../generated/headers.ts'
import type { MessageSchema } from '../message-schema.ts'
import * as records from '../records.ts'

/** A codec beside the layout it was made from: what a vector is checked with. */
export interface Subject {
  readonly message: Message
  readonly codec: Codec<unknown, never>
}

type AnySchema = MessageSchema<unknown, never>

/** Every request and response, such as "FetchRequest", every header and every record, by name. */
export function loadSubjects(specsDirectory: string): ReadonlyMap<string, Subject> {
  const specs = loadSpecs(specsDirectory)
  const subjects = new Map<string, Subject>()
  for (const spec of specs.apis) {
    const api = apis.find((candidate) => candidate.key === spec.key)
    if (api === undefined) throw new Error(`${spec.name} is not generated: npm run generate`)
    subjects.set(`${spec.name}Request`, { message: resolveRequest(spec), codec: api.request })
    subjects.set(`${spec.name}Response`, { message: resolveResponse(spec), codec: api.response })
  }
  const exported: readonly unknown[] = Object.values(records)
  const schemas: AnySchema[] = [RequestHeader, ResponseHeader, ...exported.filter(isSchema)]
  for (const spec of [...specs.records, specs.headers].flatMap((file) => file.messages)) {
    const codec = schemas.find((schema) => schema.name === spec.name)
    if (codec === undefined) throw new Error(`${spec.name} is not generated: npm run generate`)
    subjects.set(spec.name, { message: resolveStandalone(spec), codec })
  }
  return subjects
}

function isSchema(candidate: unknown): candidate is AnySchema {
  return typeof candidate === 'object' && candidate !== null && 'flexibleFrom' in candidate
}
