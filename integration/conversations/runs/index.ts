import type { Talk } from '../targets.ts'
import { talkJava } from './java.ts'
import { talkKafkajs } from './kafkajs.ts'
import { talkKcat } from './kcat.ts'

export interface Run {
  readonly talk: Talk
  /** Whether Kafka's side is kept in the repository, for `npm test`. */
  readonly isKept: boolean
}

export const RUNS: Readonly<Record<string, Run>> = {
  kafkajs: { talk: talkKafkajs, isKept: true },
  kcat: { talk: talkKcat, isKept: false },
  java: { talk: talkJava, isKept: false },
}
