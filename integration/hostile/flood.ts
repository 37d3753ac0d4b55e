import { availableParallelism, loadavg } from 'node:os'
import type { PoliteClient, Waits } from './polite-client.ts'
import type { Watched, WatchedBroker } from './watched-broker.ts'

/** What every flood is measured by. */
export const HELD_MS_MAX = 200

/** Of runnable threads for each processor, over the last minute: with more, how long others wait says nothing of the broker. */
const JUDGED_LOAD_MAX = 1

/** Whether the time that others waited can be judged now. */
export function isQuiet(): boolean {
  return (loadavg()[0] ?? 0) <= availableParallelism() * JUDGED_LOAD_MAX
}

/** What came of one flood. */
export interface Outcome {
  readonly what: string
  readonly figure: string
  /** Null: not judged, since the machine is too busy to tell. */
  readonly isWithin: boolean | null
}

/** What a flood works with. */
export interface Ground {
  readonly broker: WatchedBroker
  readonly polite: PoliteClient
}

/** One way to hurt a broker. */
export interface Flood {
  readonly name: string
  /** Row of the list of attacks that it is. */
  readonly row: string
  /** Over what the broker has by itself. */
  readonly settings?: Readonly<Record<string, string>>
  /** Of the broker; the engine's choice unless given. */
  readonly heapMegabytes?: number
  run(ground: Ground, tell: (outcome: Outcome) => void): Promise<void>
}

/** What was seen of one flood. */
export interface Measured {
  readonly watched: Watched
  readonly waits: Waits
  readonly before: Watched
  readonly elapsedMs: number
}

/** Runs `attack`, and what the broker and the other client have to say of it. Memory is only right where it `weighs`. */
export async function measured(
  { broker, polite }: Ground,
  attack: () => Promise<void>,
  weighs = true,
): Promise<Measured> {
  const before = await (weighs ? broker.reset() : broker.quick())
  // Not what it waits while garbage is collected for the figures.
  await polite.waits()
  const startedMs = performance.now()
  await attack()
  const elapsedMs = performance.now() - startedMs
  const waits = await polite.waits()
  const watched = await (weighs ? broker.reset() : broker.quick())
  return { watched, waits, before, elapsedMs }
}

export const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`

export const ms = (time: number): string => `${time.toFixed(0)} ms`

/** In the words of every row: how long the loop was held, and how long others waited. */
export function loopFigures(watched: Watched, waits: Waits): string {
  return `loop held ${ms(watched.heldMs)} (late ${ms(watched.stallMs)}), others waited ${ms(waits.maxMs)} at the most`
}
