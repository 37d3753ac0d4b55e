/** A feature whose level can be finalized here, with the levels that work. */
export interface SupportedFeature {
  readonly name: string
  readonly min: number
  readonly max: number
}

/**
 * What ApiVersions lists and `--feature` takes. Features of Kafka that are missing here do not work yet: a client that
 * does not see `transaction.version`, for one, must not rely on it.
 */
export const SUPPORTED_FEATURES: readonly SupportedFeature[] = [{ name: 'metadata.version', min: 33, max: 33 }]
