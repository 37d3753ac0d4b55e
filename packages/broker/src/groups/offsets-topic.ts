/** The topic whose partitions hold groups and their offsets, and whose leaders coordinate them. */
export const OFFSETS_TOPIC = '__consumer_offsets'
