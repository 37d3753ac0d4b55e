/** Users with SCRAM credentials. */
export const SCRAM_USERS_MAX = 100_000
