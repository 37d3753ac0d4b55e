import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { againstOf, type BrokerUnderTest, startBroker } from './broker-under-test.ts'
import { messageCopier } from './message-copier.ts'
import { streamsEos, streamsSmoke } from './streams-programs.ts'
import { TRANSACTIONS_COMMAND_SETTINGS, transactionsCommand } from './transactions-command.ts'

interface Tool {
  readonly name: string
  readonly run: (broker: BrokerUnderTest, directory: string) => Promise<void>
  readonly settings?: Readonly<Record<string, string>>
}

const TOOLS: readonly Tool[] = [
  { name: 'transactions-command', run: transactionsCommand, settings: TRANSACTIONS_COMMAND_SETTINGS },
  { name: 'message-copier', run: messageCopier },
  { name: 'streams-smoke', run: streamsSmoke },
  { name: 'streams-eos', run: streamsEos },
]

async function passes({ name, run, settings }: Tool): Promise<boolean> {
  const directory = mkdtempSync(join(tmpdir(), 'odradek-tools-'))
  const startMs = performance.now()
  const seconds = (): string => ((performance.now() - startMs) / 1000).toFixed(1)
  const broker = await startBroker(againstOf(), join(directory, 'broker'), settings)
  try {
    await run(broker, directory)
    console.log(`ok   ${name} ${seconds()} s`)
    return true
  } catch (error) {
    console.log(`FAIL ${name} ${seconds()} s`)
    console.log(error)
    return false
  } finally {
    await broker.dispose()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** `npm run transaction-tools [NAME…]`: Kafka's own programs that make transactions, each against a broker of its own. */
async function main(): Promise<void> {
  const names = process.argv.slice(2)
  const unknown = names.find((name) => !TOOLS.some((tool) => tool.name === name))
  if (unknown !== undefined)
    throw new Error(`there is no ${unknown}; there are: ${TOOLS.map(({ name }) => name).join(', ')}`)
  const tools = TOOLS.filter(({ name }) => names.length === 0 || names.includes(name))
  let passed = 0
  for (const tool of tools) if (await passes(tool)) passed += 1
  console.log(`${passed} passed, ${tools.length - passed} failed`)
  process.exitCode = passed === tools.length ? 0 : 1
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
