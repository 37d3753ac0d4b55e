const GROUPS = 8
const HEXADECIMAL = /^[0-9a-f:]+$/i
const IPV4_IN_IPV6 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/**
 * An address as Java's `getHostAddress` writes it, which is how it stands in ACLs: IPv6 in full (`0:0:0:0:0:0:0:1`), without
 * a mapped IPv4 address's wrapping.
 */
export function javaHostAddress(address: string): string {
  if (!address.includes(':')) return address
  const mapped = IPV4_IN_IPV6.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  const [bare = '', zone] = address.split('%')
  if (!HEXADECIMAL.test(bare)) return address
  const [head = '', tail] = bare.toLowerCase().split('::')
  const before = groupsOf(head)
  const after = groupsOf(tail ?? '')
  const zeros = tail === undefined ? 0 : GROUPS - before.length - after.length
  const groups = [...before, ...Array<string>(zeros).fill('0'), ...after]
  return groups.join(':') + (zone === undefined ? '' : `%${zone}`)
}

/** Without leading zeros. */
function groupsOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(':').map((group) => group.replace(/^0+(?=.)/, ''))
}
