import { execFileSync } from 'node:child_process'
import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'

const HERE = join(process.cwd(), 'integration/kafka-reference')

/** `kafka-tools`: the newest release of the command line tools, which have a class path of their own. */
export type KafkaRelease = 'kafka-4.4' | 'kafka-3.9' | 'kafka-tools'

/** The class path of a release; Maven fetches it the first time. */
export function libraries(release: KafkaRelease): string {
  const directory = join(HERE, release)
  const libs = join(directory, 'target/libs')
  if (!existsSync(libs)) {
    const unfinished = join(directory, 'target/unfinished')
    const copy = ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${unfinished}`]
    execFileSync('mvn', copy, { cwd: directory, stdio: ['ignore', 'inherit', 'inherit'] })
    renameSync(unfinished, libs)
  }
  return `${libs}/*`
}

/** Says which logging each release is to use. */
export const LOGGING_FLAGS: readonly string[] = [
  `-Dlog4j2.configurationFile=${join(HERE, 'log4j2.properties')}`,
  `-Dlog4j.configuration=file:${join(HERE, 'log4j.properties')}`,
]
