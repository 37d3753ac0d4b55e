/** A feature whose level can be finalized here, with the levels that work. */
export interface SupportedFeature {
  readonly name: string
  readonly min: number
  readonly max: number
}

/** What ApiVersions lists and `--feature` takes. Features of Kafka that are missing here do not work yet. */
export const SUPPORTED_FEATURES: readonly SupportedFeature[] = [
  // From level 1 on partitions remember who was in sync when too few were (KIP-966).
  { name: 'eligible.leader.replicas.version', min: 0, max: 1 },
  { name: 'metadata.version', min: 33, max: 33 },
  // Clients that see level 2 finalized have an epoch for each transaction (KIP-890).
  { name: 'transaction.version', min: 0, max: 2 },
]
