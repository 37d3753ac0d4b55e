/** Users with SCRAM credentials. */
export const SCRAM_USERS_MAX = 100_000

/** Connections, over all listeners, whose peers have not logged in yet; one more is closed. */
export const LOGINS_MAX = 2000

/** The same from one address, so that one stranger cannot keep all others out. */
export const LOGINS_PER_IP_MAX = 500

/** From a connection's begin to the end of its login. */
export const LOGIN_DEADLINE_MS = 30_000
