import { isDeepStrictEqual } from 'node:util'
import { encodeFrame, FrameSplitter } from '../frame.ts'
import { readRequestHeader, requestHeaderVersion, responseHeaderVersion } from '../header.ts'
import { readMetadataFrame } from '../record-framing.ts'
import { ProtocolError } from '../wire/protocol-error.ts'
import { Reader } from '../wire/reader.ts'
import { Writer } from '../wire/writer.ts'
import { fromVectorValue, toVectorValue, type VectorValue } from './json-value.ts'
import type { Subject } from './subject.ts'
import type { VectorLine } from './vector-line.ts'

/** How the bytes of a vector are read and written: what stands before the body, and the body. */
export interface Form {
  readonly read: (reader: Reader) => VectorValue
  readonly write: (writer: Writer, value: VectorValue) => void
}

const metadataTopic = '__cluster_metadata'

/** A body with nothing before it: messages, headers, KRaft control records. */
export function bodyForm(subject: Subject, version: number): Form {
  return prefixedForm(
    subject,
    () => version,
    () => version,
  )
}

/** The form of a line of internal-records, by its topic and kind. */
export function recordForm(subject: Subject, line: VectorLine): Form {
  const version = line.number('version')
  const topic = line.optionalText('topic')
  const kind = line.text('kind')
  if (topic === metadataTopic) {
    return kind === 'value' ? metadataForm(subject, line.number('recordType'), version) : bodyForm(subject, version)
  }
  if (kind === 'key' && topic !== null) {
    const type = line.number('recordType')
    return prefixedForm(
      subject,
      (reader) => expectNumber('record type', reader.int16(), type, version),
      (writer) => {
        writer.int16(type)
        return version
      },
    )
  }
  return prefixedForm(
    subject,
    (reader) => expectNumber('version', reader.int16(), version, version),
    (writer) => {
      writer.int16(version)
      return version
    },
  )
}

function metadataForm(subject: Subject, type: number, version: number): Form {
  return prefixedForm(
    subject,
    (reader) => {
      const frame = readMetadataFrame(reader)
      return expectNumber('record type', frame.type, type, frame.version)
    },
    (writer) => {
      for (const value of [1, type, version]) writer.unsignedVarint(value)
      return version
    },
  )
}

function expectNumber(what: string, actual: number, expected: number, version: number): number {
  if (actual !== expected) throw new Error(`${what} ${actual}, expected ${expected}`)
  return version
}

function prefixedForm(
  subject: Subject,
  readPrefix: (reader: Reader) => number,
  writePrefix: (writer: Writer) => number,
): Form {
  return {
    read: (reader) => {
      const version = readPrefix(reader)
      return toVectorValue(subject.message, version, subject.codec.read(reader, version))
    },
    write: (writer, value) => {
      const version = writePrefix(writer)
      writeAny(subject, writer, version, value)
    },
  }
}

/** What a vector holds has no static type: the layout that made the codec has shaped it. */
function writeAny(subject: Subject, writer: Writer, version: number, value: VectorValue): void {
  subject.codec.write(writer, version, fromVectorValue(subject.message, version, value) as never)
}

/** Bytes to value and value to bytes; null, or what is wrong. */
export function checkBothWays(form: Form, bytes: Uint8Array, expected: VectorValue): string | null {
  const reader = new Reader(bytes)
  const actual = form.read(reader)
  if (!isDeepStrictEqual(actual.value, expected.value)) return `reads as ${JSON.stringify(actual.value).slice(0, 500)}`
  if (!isDeepStrictEqual(byPath(actual), byPath(expected))) return `unknown tags ${JSON.stringify(actual.unknownTags)}`
  if (reader.remaining !== 0) return `${reader.remaining} bytes left over`
  const writer = new Writer()
  form.write(writer, expected)
  const written = Buffer.from(writer.toBytes()).toString('hex')
  return written === Buffer.from(bytes).toString('hex') ? null : `writes ${written.slice(0, 500)}`
}

/** Tags of different structs are read in another order than the vectors list them. */
function byPath({ unknownTags }: VectorValue): unknown {
  return unknownTags.map(({ path, tag, hex }) => `${path ?? ''} ${tag} ${hex}`).sort()
}

/** A whole frame with length and header, both ways. */
export function checkFrame(line: VectorLine, header: Subject, body: Subject): string | null {
  const isRequest = line.text('kind') === 'request-frame'
  const key = line.number('key')
  const version = line.number('version')
  const headerVersion = isRequest ? requestHeaderVersion(key, version) : responseHeaderVersion(key, version)
  if (headerVersion !== line.number('headerVersion')) return `header version ${headerVersion}`
  const frames: Uint8Array[] = []
  new FrameSplitter(line.bytes.length).push(line.bytes, (frame) => frames.push(frame))
  const [frame] = frames
  if (frame === undefined || frames.length > 1) return `${frames.length} frames`
  if (isRequest) {
    const { requestApiKey, requestApiVersion } = readRequestHeader(new Reader(frame))
    if (requestApiKey !== key || requestApiVersion !== version)
      return `request of ${requestApiKey} v${requestApiVersion}`
  }
  const reader = new Reader(frame)
  const actualHeader = bodyForm(header, headerVersion).read(reader)
  if (!isDeepStrictEqual(actualHeader.value, line.header.value)) return `header ${JSON.stringify(actualHeader)}`
  const actual = bodyForm(body, version).read(reader)
  if (!isDeepStrictEqual(actual, line.value)) return `reads as ${JSON.stringify(actual).slice(0, 500)}`
  if (reader.remaining !== 0) return `${reader.remaining} bytes left over`
  const { chunks, length } = encodeFrame((writer) => {
    bodyForm(header, headerVersion).write(writer, line.header)
    bodyForm(body, version).write(writer, line.value)
  })
  const written = Buffer.concat(chunks, length).toString('hex')
  return written === line.text('hex') ? null : `writes ${written.slice(0, 500)}`
}

/** Whether a strict prefix is refused cleanly; null, or what is wrong. */
export function checkPrefix(form: Form, bytes: Uint8Array, length: number): string | null {
  try {
    form.read(new Reader(bytes.subarray(0, length)))
  } catch (error) {
    return error instanceof ProtocolError ? null : `a prefix of ${length} bytes: ${String(error)}`
  }
  return `a prefix of ${length} bytes was read`
}
