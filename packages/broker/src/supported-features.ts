/** A feature whose level can be finalized here, with the levels that work. */
export interface SupportedFeature {
  readonly name: string
  readonly min: number
  readonly max: number
}

/**
 * What ApiVersions lists and `--feature` takes: every feature of Kafka 4.4, by its own name. A level is only offered where what
 * it stands for works, since clients rely on it; level 0 is "not in use".
 */
export const SUPPORTED_FEATURES: readonly SupportedFeature[] = [
  // From level 1 on partitions remember who was in sync when too few were (KIP-966).
  { name: 'eligible.leader.replicas.version', min: 0, max: 1 },
  // At level 1 groups of the consumer protocol work (KIP-848).
  { name: 'group.version', min: 0, max: 0 },
  // At level 1 voters of the quorum can be changed (KIP-853): here there is one controller.
  { name: 'kraft.version', min: 0, max: 0 },
  { name: 'metadata.version', min: 33, max: 33 },
  // At level 1 share groups work (KIP-932), at 2 their newer state records.
  { name: 'share.version', min: 0, max: 0 },
  // At level 1 streams groups work (KIP-1071).
  { name: 'streams.version', min: 0, max: 0 },
  // Clients that see level 2 finalized have an epoch for each transaction (KIP-890).
  { name: 'transaction.version', min: 0, max: 2 },
]
