import type { Reader } from 'protobufjs/minimal.js'

/** Data points in one push; a client of Kafka's own has some hundreds. */
export const POINTS_MAX = 10_000
/** Fields of messages, those that are read over among them: it takes 100 ms to read so many. */
export const FIELDS_MAX = 250_000
/** Further attributes of a point are left out. */
const ATTRIBUTES_MAX = 16

/** A value that a client measured. */
export interface PushedPoint {
  readonly name: string
  readonly description: string
  /** `counter`: only rises. */
  readonly kind: 'counter' | 'gauge'
  /** The value is what was added since the last push. */
  readonly isDelta: boolean
  readonly value: number
  readonly attributes: ReadonlyMap<string, string>
}

/** What was pushed is not what a client pushes. */
export class TelemetryError extends Error {
  override readonly name = 'TelemetryError'
}

/** Field numbers of opentelemetry.proto.metrics.v1 and common.v1. */
const METRICS_DATA = { resourceMetrics: 1 }
const RESOURCE_METRICS = { resource: 1, scopeMetrics: 2 }
const RESOURCE = { attributes: 1 }
const SCOPE_METRICS = { metrics: 2 }
const METRIC = { name: 1, description: 2, gauge: 5, sum: 7 }
const NUMBERS = { dataPoints: 1, aggregationTemporality: 2, isMonotonic: 3 }
const NUMBER_DATA_POINT = { asDouble: 4, asInt: 6, attributes: 7 }
const KEY_VALUE = { key: 1, value: 2 }
const ANY_VALUE = { string: 1, bool: 2, int: 3, double: 4 }
const TEMPORALITY_DELTA = 1

/**
 * Reads a MetricsData message. Only numbers are kept: Kafka's clients push gauges and sums; histograms and summaries are
 * read over. protobufjs reads the wire format, message by message, so that a limit holds before memory is taken.
 * @throws TelemetryError for what is no such message, or has too many data points
 */
export async function readPushedPoints(bytes: Uint8Array): Promise<PushedPoint[]> {
  const { Reader } = await import('protobufjs/minimal.js')
  const points: PushedPoint[] = []
  const counted = new CountedReader(Reader.create(bytes))
  try {
    eachField(counted, bytes.length, (field, reader) => {
      if (field !== METRICS_DATA.resourceMetrics) return false
      readResourceMetrics(reader, points)
      return true
    })
  } catch (error) {
    if (error instanceof TelemetryError) throw error
    throw new TelemetryError(`no OTLP metrics: ${error instanceof Error ? error.message : String(error)}`)
  }
  return points
}

/** Counts the fields of one push, whatever message they are in. */
class CountedReader {
  readonly wire: Reader
  private fieldsLeft = FIELDS_MAX

  constructor(wire: Reader) {
    this.wire = wire
  }

  nextTag(): number {
    if (this.fieldsLeft-- <= 0) throw new TelemetryError(`more than ${FIELDS_MAX} fields in one push`)
    return this.wire.uint32()
  }
}

type TakeField = (field: number, reader: CountedReader) => boolean

/** Calls `take` for each field up to `end`; what it does not take is read over. */
function eachField(reader: CountedReader, end: number, take: TakeField): void {
  const { wire } = reader
  while (wire.pos < end) {
    const tag = reader.nextTag()
    if (!take(tag >>> 3, reader)) wire.skipType(tag & 7)
  }
  if (wire.pos !== end) throw new TelemetryError('a message goes beyond its end')
}

function eachFieldOfMessage(reader: CountedReader, take: TakeField): void {
  const { wire } = reader
  const length = wire.uint32()
  const end = wire.pos + length
  if (end > wire.len) throw new TelemetryError('a message goes beyond the end')
  eachField(reader, end, take)
}

function readResourceMetrics(reader: CountedReader, points: PushedPoint[]): void {
  const resource = new Map<string, string>()
  const begin = points.length
  eachFieldOfMessage(reader, (field) => {
    if (field === RESOURCE_METRICS.resource) readAttributes(reader, RESOURCE.attributes, resource)
    else if (field === RESOURCE_METRICS.scopeMetrics) readScopeMetrics(reader, points)
    else return false
    return true
  })
  if (resource.size === 0) return
  // The resource may stand behind its metrics.
  for (let index = begin; index < points.length; index++) {
    const point = points[index]
    if (point !== undefined) points[index] = { ...point, attributes: new Map([...resource, ...point.attributes]) }
  }
}

function readScopeMetrics(reader: CountedReader, points: PushedPoint[]): void {
  eachFieldOfMessage(reader, (field) => {
    if (field !== SCOPE_METRICS.metrics) return false
    readMetric(reader, points)
    return true
  })
}

type NumberPoint = Pick<PushedPoint, 'value' | 'attributes'>

interface Numbers {
  readonly points: NumberPoint[]
  isDelta: boolean
  isMonotonic: boolean
}

function readMetric(reader: CountedReader, points: PushedPoint[]): void {
  let name = ''
  let description = ''
  const numbers: Numbers = { points: [], isDelta: false, isMonotonic: false }
  eachFieldOfMessage(reader, (field) => {
    if (field === METRIC.name) name = reader.wire.string()
    else if (field === METRIC.description) description = reader.wire.string()
    else if (field === METRIC.gauge || field === METRIC.sum) readNumbers(reader, numbers, points.length)
    else return false
    return true
  })
  const { isDelta, isMonotonic } = numbers
  for (const point of numbers.points) {
    points.push({ name, description, kind: isMonotonic ? 'counter' : 'gauge', isDelta, ...point })
  }
}

/** Of a gauge or a sum, whose fields have the same numbers as far as a gauge has them. */
function readNumbers(reader: CountedReader, numbers: Numbers, pointsBefore: number): void {
  eachFieldOfMessage(reader, (field) => {
    if (field === NUMBERS.dataPoints) {
      if (pointsBefore + numbers.points.length >= POINTS_MAX)
        throw new TelemetryError(`more than ${POINTS_MAX} data points in one push`)
      numbers.points.push(readNumberPoint(reader))
    } else if (field === NUMBERS.aggregationTemporality) numbers.isDelta = reader.wire.uint32() === TEMPORALITY_DELTA
    else if (field === NUMBERS.isMonotonic) numbers.isMonotonic = reader.wire.bool()
    else return false
    return true
  })
}

function readNumberPoint(reader: CountedReader): NumberPoint {
  let value = Number.NaN
  const attributes = new Map<string, string>()
  eachFieldOfMessage(reader, (field) => {
    if (field === NUMBER_DATA_POINT.asDouble) value = reader.wire.double()
    else if (field === NUMBER_DATA_POINT.asInt) value = Number(reader.wire.sfixed64())
    else if (field === NUMBER_DATA_POINT.attributes) readKeyValue(reader, attributes)
    else return false
    return true
  })
  return { value, attributes }
}

function readAttributes(reader: CountedReader, attributesField: number, into: Map<string, string>): void {
  eachFieldOfMessage(reader, (field) => {
    if (field !== attributesField) return false
    readKeyValue(reader, into)
    return true
  })
}

function readKeyValue(reader: CountedReader, into: Map<string, string>): void {
  let key = ''
  let text: string | null = null
  eachFieldOfMessage(reader, (field) => {
    if (field === KEY_VALUE.key) key = reader.wire.string()
    else if (field === KEY_VALUE.value) text = readAnyValue(reader)
    else return false
    return true
  })
  if (text !== null && into.size < ATTRIBUTES_MAX) into.set(key, text)
}

/** Null for lists, maps and bytes. */
function readAnyValue(reader: CountedReader): string | null {
  let text: string | null = null
  eachFieldOfMessage(reader, (field) => {
    if (field === ANY_VALUE.string) text = reader.wire.string()
    else if (field === ANY_VALUE.bool) text = String(reader.wire.bool())
    else if (field === ANY_VALUE.int) text = String(reader.wire.int64())
    else if (field === ANY_VALUE.double) text = String(reader.wire.double())
    else return false
    return true
  })
  return text
}
