/** Kafka's own selectors of the replica that a consumer reads from (KIP-392); others would be code to load. */
export const RACK_AWARE_SELECTOR = 'org.apache.kafka.common.replica.RackAwareReplicaSelector'
/** The same as none. */
export const LEADER_SELECTOR = 'org.apache.kafka.common.replica.LeaderSelector'
