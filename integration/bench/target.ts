/** What is measured beside each other: the C program, this broker, Apache Kafka. */
export const TARGETS = ['limit', 'odradek', 'kafka'] as const
export type TargetName = (typeof TARGETS)[number]

/** A broker that runs. */
export interface Broker {
  readonly port: number
  readonly pid: number
}
