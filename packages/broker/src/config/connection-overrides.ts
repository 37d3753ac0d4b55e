/**
 * What `max.connections.per.ip.overrides` says, `HOST:COUNT,…`, by host; null when it says nothing that can be read. As
 * in Kafka the last colon counts, so that an IPv6 address needs no brackets, and a count below zero is taken.
 */
export function parseConnectionOverrides(text: string): ReadonlyMap<string, number> | null {
  const overrides = new Map<string, number>()
  for (const entry of text.split(',')) {
    if (entry.trim() === '') continue
    const match = /^\s*(\S+)\s*:\s*([+-]?\d{1,10})\s*$/.exec(entry)
    const [, host, count] = match ?? []
    if (host === undefined || count === undefined) return null
    overrides.set(host.replace(/^\[(.*)\]$/, '$1'), Number(count))
  }
  return overrides
}
