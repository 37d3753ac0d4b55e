/** What `meta.properties` of a data directory says: Kafka's keys, and two of ours. */
export interface MetaProperties {
  readonly clusterId: string
  readonly nodeId: number
  readonly directoryId: string
  /** Version of the directory's layout; null: Kafka wrote it. */
  readonly formatVersion: number | null
  /** The odradek that first wrote this layout, and so can read it. */
  readonly softwareVersion: string
}

const KAFKA_VERSION = '1'

export function formatMetaProperties(properties: MetaProperties & { readonly formatVersion: number }): string {
  return `# Kafka's keys, and the layout of this directory. Do not edit.
version=${KAFKA_VERSION}
cluster.id=${properties.clusterId}
node.id=${properties.nodeId}
directory.id=${properties.directoryId}
odradek.format.version=${properties.formatVersion}
odradek.software.version=${properties.softwareVersion}
`
}

/** 16 bytes as base64url. */
const DIRECTORY_ID = /^[\w-]{22}$/

/** Whether it can stand where messages and records have the id of a directory. */
export const isDirectoryId = (text: string): boolean => DIRECTORY_ID.test(text)

/** Null when a key that every version has is missing or makes no sense. */
export function parseMetaProperties(text: string): MetaProperties | null {
  const values = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    const [, key, value] = /^\s*([^#!\s=:][^\s=:]*)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? []
    // Java escapes colons in values; nothing that stands here has a backslash of its own.
    if (key !== undefined && value !== undefined) values.set(key, value.replaceAll('\\', ''))
  }
  const format = values.get('odradek.format.version')
  const nodeId = values.get('node.id') ?? values.get('broker.id') ?? ''
  const clusterId = values.get('cluster.id')
  const formatVersion = format === undefined ? null : Number(format)
  const isOurs = formatVersion !== null
  // Torn or emptied: whose it was cannot be told.
  if (!isOurs && !values.has('version')) return null
  if (isOurs && (!Number.isSafeInteger(formatVersion) || !/^\d+$/.test(nodeId))) return null
  if (isOurs && (clusterId === undefined || !values.has('directory.id'))) return null
  return {
    clusterId: clusterId ?? '',
    nodeId: Number(nodeId),
    directoryId: values.get('directory.id') ?? '',
    formatVersion,
    softwareVersion: values.get('odradek.software.version') ?? 'an unknown version',
  }
}
