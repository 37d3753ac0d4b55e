/** Placeholder of the contract; the fetch author gives it its content. */
export interface FetchSessions {
  readonly size: number
}
