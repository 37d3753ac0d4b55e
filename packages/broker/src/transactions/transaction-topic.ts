/** The topic whose partitions hold transactional ids, and whose leaders coordinate their transactions. */
export const TRANSACTION_TOPIC = '__transaction_state'
