/** A test, scenario or step of the clients: where it stands, and its title there (`titlesIn`). */
type Proof = readonly [path: string, title: string]

export interface Case {
  readonly number: number
  /** What clients expect, that other brokers got wrong. */
  readonly expected: string
  readonly proofs: readonly Proof[]
}
