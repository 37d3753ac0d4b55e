import { Writer } from 'protobufjs/minimal.js'

/** One metric as a client pushes it. */
export interface MetricToPush {
  readonly name: string
  readonly values: readonly { readonly value: number; readonly attributes?: Readonly<Record<string, string>> }[]
  /** A sum; without it a gauge. */
  readonly sum?: { readonly isDelta: boolean; readonly isMonotonic: boolean }
  readonly asInt?: boolean
}

/** A MetricsData message, written by hand from the field numbers of the OpenTelemetry protocol. */
export function metricsData(
  metrics: readonly MetricToPush[],
  resource: Readonly<Record<string, string>> = {},
): Uint8Array {
  const writer = Writer.create()
  const resourceMetrics = writer.uint32((1 << 3) | 2).fork()
  const scopeMetrics = resourceMetrics.uint32((2 << 3) | 2).fork()
  for (const metric of metrics) writeMetric(scopeMetrics.uint32((2 << 3) | 2).fork(), metric)
  scopeMetrics.ldelim()
  // Behind what it is about: an order that no client has, and that any may have.
  const attributes = resourceMetrics.uint32((1 << 3) | 2).fork()
  for (const [key, value] of Object.entries(resource)) writeAttribute(attributes, 1, key, value)
  attributes.ldelim()
  resourceMetrics.ldelim()
  return writer.finish()
}

function writeMetric(writer: Writer, { name, values, sum, asInt = false }: MetricToPush): void {
  writer.uint32((1 << 3) | 2).string(name)
  writer.uint32((2 << 3) | 2).string(`about ${name}`)
  const data = writer.uint32(((sum === undefined ? 5 : 7) << 3) | 2).fork()
  for (const { value, attributes = {} } of values) {
    const point = data.uint32((1 << 3) | 2).fork()
    point.uint32((3 << 3) | 1).fixed64(1_700_000_000)
    if (asInt) point.uint32((6 << 3) | 1).sfixed64(value)
    else point.uint32((4 << 3) | 1).double(value)
    for (const [key, text] of Object.entries(attributes)) writeAttribute(point, 7, key, text)
    point.ldelim()
  }
  if (sum !== undefined) {
    data.uint32((2 << 3) | 0).int32(sum.isDelta ? 1 : 2)
    data.uint32((3 << 3) | 0).bool(sum.isMonotonic)
  }
  data.ldelim()
  writer.ldelim()
}

function writeAttribute(writer: Writer, field: number, key: string, value: string): void {
  const pair = writer.uint32((field << 3) | 2).fork()
  pair.uint32((1 << 3) | 2).string(key)
  pair
    .uint32((2 << 3) | 2)
    .fork()
    .uint32((1 << 3) | 2)
    .string(value)
    .ldelim()
  pair.ldelim()
}
