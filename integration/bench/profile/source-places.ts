/** Above each module the bundler writes where it comes from. */
const MODULE = /^\s*\/\/ ((?:packages|node_modules)\/\S+)$/

/** Which source file each line of the bundle comes from. */
export class SourcePlaces {
  private readonly lines: number[] = []
  private readonly files: string[] = []

  constructor(bundle: string) {
    for (const [index, line] of bundle.split('\n').entries()) {
      const file = MODULE.exec(line)?.[1]
      if (file === undefined) continue
      this.lines.push(index)
      this.files.push(file)
    }
  }

  /** Of a line counted from 0; null before the first module. */
  fileOf(line: number): string | null {
    let [low, high] = [0, this.lines.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.lines[middle] ?? 0) <= line) low = middle + 1
      else high = middle
    }
    return this.files[low - 1] ?? null
  }
}
