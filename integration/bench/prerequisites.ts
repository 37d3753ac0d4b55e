import { spawnSync } from 'node:child_process'
import { accessSync, closeSync, constants, openSync } from 'node:fs'
import { libraries } from '../kafka-reference/libraries.ts'
import { benchDirectory } from './brokers.ts'
import { nativeFault } from './compile.ts'
import { type BenchOptions, FlagError } from './flags.ts'

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** What a run takes minutes to measure has to have somewhere to go. @throws FlagError when the file cannot be written */
export function checkResultFile(json: string | null): void {
  if (json === null) return
  try {
    closeSync(openSync(json, 'a'))
  } catch (error) {
    throw new FlagError(`--json ${json} cannot be written: ${reasonOf(error)}`)
  }
}

function checkDirectory(): void {
  try {
    accessSync(benchDirectory(), constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new FlagError(
      `no data can be kept in ${benchDirectory()}, name another directory in ODRADEK_BENCH_DIR: ${reasonOf(error)}`,
    )
  }
}

/** Fetches Kafka the first time. */
function checkKafka(java: string): void {
  try {
    const { error } = spawnSync(java, ['-version'])
    if (error !== undefined) throw error
    libraries('kafka-4.4')
  } catch (error) {
    throw new FlagError(
      `Apache Kafka needs Java 17, and Maven the first time; --without-kafka leaves it out: ${reasonOf(error)}`,
    )
  }
}

/** Before anything is started or measured. @throws FlagError with what is missing, and what to do */
export function checkPrerequisites(
  { json, withKafka }: Pick<BenchOptions, 'json' | 'withKafka'>,
  java = 'java',
  fault: () => string | null = nativeFault,
): void {
  const missing = fault()
  if (missing !== null) throw new FlagError(missing)
  checkDirectory()
  checkResultFile(json)
  if (withKafka) checkKafka(java)
}
