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
      return (await lookup(name, { all: true })).map(({ address }) => address)
    } catch {
      return []
    }
  },
}

/** Looks like an address: nobody has to be asked what it stands for. */
export function isAddress(name: string): boolean {
  return /^[0-9.]+$/.test(name) || /^[0-9a-fA-F:.]*:[0-9a-fA-F:.%a-z]*$/.test(name)
}
