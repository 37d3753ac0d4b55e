import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generate } from './generate.ts'
import { loadSpecs } from './load-specs.ts'

const packageDirectory = join(dirname(fileURLToPath(import.meta.url)), '..')
const specsDirectory = join(packageDirectory, '../../protocol-specs')
const outputDirectory = join(packageDirectory, 'src/generated')

const modules = generate(loadSpecs(specsDirectory))
let written = 0
for (const [path, text] of modules) {
  const target = join(outputDirectory, path)
  mkdirSync(dirname(target), { recursive: true })
  // A file that did not change keeps its time, so that nothing downstream is built again.
  if (existsSync(target) && readFileSync(target, 'utf8') === text) continue
  writeFileSync(target, text)
  written++
}
for (const entry of readdirSync(outputDirectory, { recursive: true, encoding: 'utf8' })) {
  const path = entry.replaceAll('\\', '/')
  if (path.endsWith('.ts') && !modules.has(path)) rmSync(join(outputDirectory, path))
}
console.log(`protocol: ${modules.size} modules, ${written} changed`)
