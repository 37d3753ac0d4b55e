/** Of the names of all principals of one token: its owner, its requester and its renewers. */
export const DELEGATION_TOKEN_NAMES_CHARS_MAX = 8192

/** Expired tokens that one command takes away, as in Kafka. */
export const EXPIRED_TOKENS_PER_COMMAND_MAX = 1000
