import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { LOGGING_FLAGS, libraries } from '../kafka-reference/libraries.ts'

const HERE = join(process.cwd(), 'integration/tools')
const JAVA_FLAGS = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', ...LOGGING_FLAGS]

const ANSWER = 'answer '

/** Kafka's scripts by name, and the classes that they start. */
const TOOLS = {
  topics: 'org.apache.kafka.tools.TopicCommand',
  acls: 'org.apache.kafka.tools.AclCommand',
  'delegation-tokens': 'org.apache.kafka.tools.DelegationTokenCommand',
  configs: 'kafka.admin.ConfigCommand',
  'consumer-groups': 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
  'get-offsets': 'org.apache.kafka.tools.GetOffsetShell',
  'delete-records': 'org.apache.kafka.tools.DeleteRecordsCommand',
  'log-dirs': 'org.apache.kafka.tools.LogDirsCommand',
  'leader-election': 'org.apache.kafka.tools.LeaderElectionCommand',
  'reassign-partitions': 'org.apache.kafka.tools.reassign.ReassignPartitionsCommand',
  features: 'org.apache.kafka.tools.FeatureCommand',
  cluster: 'org.apache.kafka.tools.ClusterTool',
  'metadata-quorum': 'org.apache.kafka.tools.MetadataQuorumCommand',
  'client-metrics': 'org.apache.kafka.tools.ClientMetricsCommand',
  'broker-api-versions': 'org.apache.kafka.tools.BrokerApiVersionsCommand',
} as const
export type ToolName = keyof typeof TOOLS

export interface ToolResult {
  readonly code: number
  /** Both streams, as they came. */
  readonly output: string
}

/** Kafka's command line tools, all in one process. */
export class ToolDriver {
  private readonly child: ChildProcess
  private readonly waiting: ((line: string) => void)[] = []

  private constructor(child: ChildProcess) {
    this.child = child
    if (child.stdout !== null)
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line.startsWith(ANSWER)) this.waiting.shift()?.(line.slice(ANSWER.length))
      })
    child.once('exit', () => {
      for (const take of this.waiting.splice(0)) take('-1 ')
    })
  }

  static start(): ToolDriver {
    const classPath = `${compiled()}:${libraries('kafka-tools')}`
    return new ToolDriver(
      spawn('java', ['-cp', classPath, ...JAVA_FLAGS, 'Driver'], { stdio: ['pipe', 'pipe', 'inherit'] }),
    )
  }

  async run(tool: ToolName, words: readonly string[]): Promise<ToolResult> {
    const line = await new Promise<string>((resolve) => {
      this.waiting.push(resolve)
      this.child.stdin?.write(`${[TOOLS[tool], ...words].join('\t')}\n`)
    })
    const [code = '', output = ''] = line.split(' ')
    return { code: Number(code), output: Buffer.from(output, 'base64').toString() }
  }

  stop(): void {
    this.child.stdin?.end()
    this.child.kill('SIGTERM')
  }
}

function compiled(): string {
  const libs = libraries('kafka-tools')
  const source = join(HERE, 'Driver.java')
  const classes = join(HERE, 'target/classes')
  const target = join(classes, 'Driver.class')
  if (!existsSync(target) || statSync(target).mtimeMs < statSync(source).mtimeMs) {
    mkdirSync(classes, { recursive: true })
    execFileSync('javac', ['-cp', libs, '-d', classes, source], { stdio: ['ignore', 'inherit', 'inherit'] })
  }
  return classes
}
