import type { Clock, Fs, Prng } from '@odradek/core'

/** The process and the machine as the command line needs them; a test brings its own. */
export interface Host {
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Takes a variable out of this process, which has been read: reports of a crash list them all. */
  forgetVariable(name: string): void
  readonly fs: Fs
  readonly clock: Clock
  readonly prng: Prng
  readonly version: string
  /** What this process may use, in bytes. */
  readonly memoryBytes: number
  /** Waits, for a command that has nothing else to do. */
  pause(delayMs: number): Promise<void>
  absolutePath(path: string): string
  /** What is piped or typed in, opened when it is asked for. */
  stdin(): AsyncIterable<Uint8Array>
  stdout(text: string): void
  stderr(text: string): void
  /** Calls `ask` each time someone asks the process to end. */
  onStopRequest(ask: () => void): void
  /** Ends the process on the spot. */
  exit(code: number): void
}
