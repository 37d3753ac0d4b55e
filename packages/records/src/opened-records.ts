/**
 * Records that one compressed batch, or one answer to an old client, may hold. Compression makes a hundred thousand of
 * them out of a kilobyte: without an end to it a batch of 200 KB takes minutes and gigabytes to convert.
 */
export const OPENED_RECORDS_MAX = 1_000_000
