import type { HostNames } from './host-names.ts'
import { javaHostAddress } from './java-host-address.ts'

/** `max.connections.per.ip.overrides` by address. Names of hosts stand for the addresses they have when it is set, as in Kafka. */
export class AddressOverrides {
  private readonly hostNames: HostNames
  private taken: ReadonlyMap<string, number> | null = null
  private byAddress: ReadonlyMap<string, number> = new Map()

  constructor(hostNames: HostNames) {
    this.hostNames = hostNames
  }

  /** Of an address as Java writes it. */
  of(address: string): number | undefined {
    return this.byAddress.get(address)
  }

  /** Takes in what the setting says now. */
  async refresh(overrides: ReadonlyMap<string, number>): Promise<void> {
    if (isSame(overrides, this.taken)) return
    this.taken = overrides
    const found = new Map<string, number>()
    for (const [host, count] of overrides) {
      for (const address of await this.hostNames.addressesOf(host)) found.set(javaHostAddress(address), count)
    }
    // Names take their time: the setting may have changed once more.
    if (this.taken === overrides) this.byAddress = found
  }
}

function isSame(left: ReadonlyMap<string, number>, right: ReadonlyMap<string, number> | null): boolean {
  return left.size === right?.size && [...left].every(([host, count]) => right.get(host) === count)
}
