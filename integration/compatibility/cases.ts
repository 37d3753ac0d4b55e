import type { Case } from './case.ts'
import { GROUP_CASES } from './group-cases.ts'
import { RECORD_CASES } from './record-cases.ts'
import { TOPIC_CASES } from './topic-cases.ts'
import { VERSION_CASES } from './version-cases.ts'

/**
 * Cases in which clients met a broker that is not Apache Kafka and broke. Each is found by its number, here and in the names of
 * the tests that were made for it.
 */
export const CASES: readonly Case[] = [...VERSION_CASES, ...TOPIC_CASES, ...RECORD_CASES, ...GROUP_CASES]
