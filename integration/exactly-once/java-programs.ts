import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'

const HERE = join(process.cwd(), 'integration/exactly-once/java')

/** Each has a pom of its own in `java/`. */
export type JavaLibraries = 'clients-4.4.0' | 'clients-3.9.2' | 'streams-4.3.1' | 'streams-4.2.1'

/** The class path of what a pom names; Maven fetches it the first time. */
export function libraries(name: JavaLibraries): string {
  const directory = join(HERE, name)
  const libs = join(directory, 'target/libs')
  if (!existsSync(libs)) {
    const unfinished = join(directory, 'target/unfinished')
    const copy = ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${unfinished}`]
    execFileSync('mvn', copy, { cwd: directory, stdio: ['ignore', 'inherit', 'inherit'] })
    renameSync(unfinished, libs)
  }
  return `${libs}/*`
}

/** The class path with the class that `java/PROGRAM.java` is compiled to against these libraries. */
export function compiled(program: string, name: JavaLibraries): string {
  const libs = libraries(name)
  const source = join(HERE, `${program}.java`)
  const classes = join(HERE, name, 'target/classes')
  const target = join(classes, `${program}.class`)
  if (!existsSync(target) || statSync(target).mtimeMs < statSync(source).mtimeMs) {
    mkdirSync(classes, { recursive: true })
    execFileSync('javac', ['-cp', libs, '-d', classes, source], { stdio: ['ignore', 'inherit', 'inherit'] })
  }
  return `${classes}:${libs}`
}
