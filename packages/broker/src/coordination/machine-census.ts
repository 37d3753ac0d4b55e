/** The machines of one internal topic that are in memory, one for each of its partitions, and what they hold together. */
export class MachineCensus<Machine extends { readonly size: number }> {
  private readonly machines = new Map<number, Machine>()

  /** In place of the one that the partition had before. */
  add(partitionIndex: number, machine: Machine): Machine {
    this.machines.set(partitionIndex, machine)
    return machine
  }

  clear(): void {
    this.machines.clear()
  }

  get size(): number {
    return this.sum(({ size }) => size)
  }

  sum(of: (machine: Machine) => number): number {
    let total = 0
    for (const machine of this.machines.values()) total += of(machine)
    return total
  }
}
