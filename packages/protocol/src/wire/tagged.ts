/** A tagged field that no schema knows, kept as it came so that it can be written again (KIP-482). */
export interface UnknownTag {
  readonly tag: number
  readonly bytes: Uint8Array
}

/** What every struct with a tagged section may carry besides its fields. */
export interface Tagged {
  unknownTags?: UnknownTag[]
}
