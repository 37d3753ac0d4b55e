/** What the groups of one machine keep of what clients sent: their ids, ids, protocols and assignments of their members, and what stands beside their offsets. */
export class KeptBytes {
  private own = 0
  private readonly countAll: () => number

  /** `countAll`: of this machine and of all others that count together; its own unless given. */
  constructor(countAll?: () => number) {
    this.countAll = countAll ?? (() => this.own)
  }

  get bytes(): number {
    return this.own
  }

  change(bytes: number): void {
    this.own += bytes
  }

  /** Whoever keeps less than before is always heard: groups that are there go on. */
  hasRoomFor(growth: number, bytesMax: number): boolean {
    return growth <= 0 || this.countAll() + growth <= bytesMax
  }
}
