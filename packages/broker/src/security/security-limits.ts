/** Changes of SCRAM credentials in one request: each takes the event loop for some hashes. */
export const SCRAM_CHANGES_MAX = 2000

/** Users with SCRAM credentials. */
export const SCRAM_USERS_MAX = 100_000
