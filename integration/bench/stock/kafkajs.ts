import { join } from 'node:path'
import { runClient } from './client-run.ts'
import { type ClientFigures, stockCase } from './stock-case.ts'

const PROGRAM = join(process.cwd(), 'integration/bench/stock/kafkajs-load.cjs')
const MESSAGES = 100_000
const MESSAGE_BYTES = 1000

interface KafkajsFigures {
  readonly producedSeconds: number
  readonly consumedSeconds: number
  readonly cpuMs: number
}

function isKafkajsFigures(value: unknown): value is KafkajsFigures {
  if (typeof value !== 'object' || value === null) return false
  return 'producedSeconds' in value && 'consumedSeconds' in value && 'cpuMs' in value
}

export const KAFKAJS_CASE = stockCase({
  name: 'kafkajs: 100,000 messages of 1 KB there and back',
  async run({ port }, topic): Promise<ClientFigures> {
    const { output } = await runClient(process.execPath, [PROGRAM, `127.0.0.1:${port}`, topic, String(MESSAGES)])
    const printed: unknown = JSON.parse(/^\{.*\}$/m.exec(output)?.[0] ?? 'null')
    if (!isKafkajsFigures(printed)) throw new Error(`kafkajs-load.cjs printed something else: ${output}`)
    const seconds = printed.producedSeconds + printed.consumedSeconds
    const mb = (MESSAGES * MESSAGE_BYTES) / 1e6
    const figures = { messagesPerSecond: MESSAGES / seconds, mbPerSecond: mb / seconds }
    return { figures, mb, clientCpuMs: printed.cpuMs }
  },
})
