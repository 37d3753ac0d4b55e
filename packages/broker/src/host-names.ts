import { lookup } from 'node:dns/promises'

/** Names of one request that are looked up; each may take seconds. */
export const HOST_NAMES_MAX = 20

/** Finds the addresses of hosts. */
export interface HostNames {
  /** Of a name, or of an address itself in its usual form; none where there is no such host. */
  addressesOf(name: string): Promise<readonly string[]>
}

/** What the operating system says. */
export const systemHostNames: HostNames = {
  async addressesOf(name) {
    try {
      return (await lookup(name, { all: true })).map(({ address }) => usualForm(address))
    } catch {
      return []
    }
  },
}

/** As sockets show it: IPv6 in its shortest form. */
function usualForm(address: string): string {
  if (!address.includes(':') || address.includes('.') || address.includes('%')) return address
  return new URL(`http://[${address}]`).hostname.slice(1, -1)
}

/** Eight groups of IPv6, the last two as IPv4. Longer texts are not looked at, which took time by the square of their length. */
const ADDRESS_CHARS_MAX = 45

/** Looks like an address: nobody has to be asked what it stands for. */
export function isAddress(name: string): boolean {
  if (name.length > ADDRESS_CHARS_MAX) return false
  if (/^(\d{1,3}\.){3}\d{1,3}$/.test(name)) return name.split('.').every((part) => Number(part) <= 255)
  return /^[0-9a-fA-F:]+:[0-9a-fA-F:.]*$/.test(name) && name.split(':').every((part) => part.length <= 15)
}
