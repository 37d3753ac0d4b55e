// Written by packages/protocol/generator from protocol-specs: change the specs, then `npm run generate`.
import type { Api } from '../../api.ts'
import { UnsupportedFieldError } from '../../wire/protocol-error.ts'
import type { Reader } from '../../wire/reader.ts'
import type { Tagged } from '../../wire/tagged.ts'
import type { Writer } from '../../wire/writer.ts'

export const Heartbeat: Api<HeartbeatRequest, HeartbeatResponse, HeartbeatRequestInput, HeartbeatResponseInput> = {
  key: 12,
  name: 'Heartbeat',
  versions: { min: 0, max: 4 },
  flexibleFrom: 4,
  request: { read: readHeartbeatRequest, write: writeHeartbeatRequest },
  response: { read: readHeartbeatResponse, write: writeHeartbeatResponse },
  readInTurns: null,
  writeInTurns: null,
}

export interface HeartbeatRequest extends Tagged {
  groupId: string
  generationId: number
  memberId: string
  groupInstanceId: string | null
}

export interface HeartbeatRequestInput extends Tagged {
  groupId: string
  generationId: number
  memberId: string
  groupInstanceId?: string | null | undefined
}

function readHeartbeatRequest(reader: Reader, version: number): HeartbeatRequest {
  const flexible = version >= 4
  const value: HeartbeatRequest = {
    groupId: reader.string(flexible),
    generationId: reader.int32(),
    memberId: reader.string(flexible),
    groupInstanceId: version >= 3 ? reader.nullableString(flexible) : null,
  }
  if (flexible) reader.tags(value)
  return value
}

function writeHeartbeatRequest(writer: Writer, version: number, value: HeartbeatRequestInput): void {
  const flexible = version >= 4
  writer.string(value.groupId, flexible)
  writer.int32(value.generationId)
  writer.string(value.memberId, flexible)
  if (version >= 3) {
    writer.nullableString(value.groupInstanceId ?? null, flexible)
  } else if (value.groupInstanceId !== undefined && value.groupInstanceId !== null) {
    throw new UnsupportedFieldError('HeartbeatRequest.groupInstanceId', version)
  }
  if (flexible) writer.tags(value)
}

export interface HeartbeatResponse extends Tagged {
  throttleTimeMs: number
  errorCode: number
}

export interface HeartbeatResponseInput extends Tagged {
  throttleTimeMs?: number | undefined
  errorCode: number
}

function readHeartbeatResponse(reader: Reader, version: number): HeartbeatResponse {
  const flexible = version >= 4
  const value: HeartbeatResponse = {
    throttleTimeMs: version >= 1 ? reader.int32() : 0,
    errorCode: reader.int16(),
  }
  if (flexible) reader.tags(value)
  return value
}

function writeHeartbeatResponse(writer: Writer, version: number, value: HeartbeatResponseInput): void {
  const flexible = version >= 4
  if (version >= 1) writer.int32(value.throttleTimeMs ?? 0)
  writer.int16(value.errorCode)
  if (flexible) writer.tags(value)
}
