/** Whoever has not said who he is. */
export const ANONYMOUS = 'User:ANONYMOUS'
