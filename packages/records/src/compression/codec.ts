/** Compression as batches know it. All of it is synchronous: one batch at a time, in the order of requests. */
export interface Codec {
  /**
   * What `source` unpacks to.
   * @throws RecordsError INVALID_RECORD past `limitBytes` (known before the memory is taken), UNKNOWN_SERVER_ERROR when
   * `source` cannot be unpacked: that is the code Kafka answers then.
   */
  decompress(source: Uint8Array, limitBytes: number): Uint8Array
  /** `level` in the codec's own scale; its default when undefined. */
  compress(source: Uint8Array, level?: number): Uint8Array
}
