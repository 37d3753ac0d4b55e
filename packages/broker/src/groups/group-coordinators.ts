import {
  defaultGroupConfig,
  type GroupCommand,
  type GroupConfig,
  type GroupResponse,
  groupErrorResponse,
  partitionFor,
} from '@odradek/coordinators'
import type { Clock, Logger, NodeId } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import type { ClusterView, TopicView } from '../cluster-view.ts'
import type { BrokerSettings } from '../config/settings.ts'
import type { Controller } from '../metadata/controller.ts'
import type { MetadataChange } from '../metadata/metadata-change.ts'
import type { GroupCoordinators, Partitions } from '../services.ts'
import { GroupMachine } from './group-machine.ts'
import { OFFSETS_TOPIC } from './offsets-topic.ts'

const MS_PER_MINUTE = 60_000

export interface GroupMachinesOptions {
  readonly cluster: ClusterView
  readonly controller: Controller
  readonly partitions: Partitions
  readonly settings: BrokerSettings
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * The group coordinators of all nodes of the process: one machine for each partition of `__consumer_offsets`, on the
 * node that leads it. All are loaded when the broker starts, so that no client meets a cold one.
 */
export class GroupMachines implements GroupCoordinators {
  private readonly options: GroupMachinesOptions
  private readonly config: GroupConfig
  /** By partition; without a leader there is none. */
  private machines: (GroupMachine | undefined)[] = []
  private creation: Promise<void> | null = null

  constructor(options: GroupMachinesOptions) {
    this.options = options
    this.config = groupConfig(options.settings)
  }

  /** Loads all groups; the partitions' logs must be open. */
  async start(): Promise<void> {
    const topic = this.options.cluster.topic(OFFSETS_TOPIC)
    if (topic !== undefined) await this.follow(topic)
  }

  /** Takes in what the metadata log has changed, after the partitions have. */
  async take(change: MetadataChange): Promise<void> {
    for (const topic of change.topicsDeleted) {
      if (topic.name === OFFSETS_TOPIC) this.stop()
      else await this.dropOffsets(topic)
    }
    const topic = this.options.cluster.topic(OFFSETS_TOPIC)
    if (topic !== undefined) await this.follow(topic)
  }

  stop(): void {
    for (const machine of this.machines) machine?.stop()
    this.machines = []
  }

  coordinatorOf(groupId: string): NodeId | null {
    const machine = this.machineOf(groupId)
    return machine?.isUsable === true ? machine.node : null
  }

  async submit(node: NodeId, groupId: string, command: GroupCommand): Promise<GroupResponse> {
    if (this.machines.length === 0) await this.createTopic()
    const machine = this.machineOf(groupId)
    if (machine?.node === node) return machine.submit(command)
    const errorCode = this.machines.length === 0 ? ErrorCode.COORDINATOR_NOT_AVAILABLE : ErrorCode.NOT_COORDINATOR
    return groupErrorResponse(command, errorCode)
  }

  submitToAll(node: NodeId, command: GroupCommand): Promise<readonly GroupResponse[]> {
    const own = this.machines.filter((machine) => machine?.node === node && machine.isUsable)
    return Promise.all(own.flatMap((machine) => machine?.submit(command) ?? []))
  }

  private machineOf(groupId: string): GroupMachine | undefined {
    return this.machines.length === 0 ? undefined : this.machines[partitionFor(groupId, this.machines.length)]
  }

  /** The first use of a group makes the topic; when it cannot be made, the client hears so and asks again. */
  private async createTopic(): Promise<void> {
    this.creation ??= this.requestTopic().finally(() => {
      this.creation = null
    })
    await this.creation
  }

  private async requestTopic(): Promise<void> {
    const { controller, logger } = this.options
    const [result] = await controller.autoCreateTopics([OFFSETS_TOPIC])
    if (result === undefined || result.error === 'NONE' || result.error === 'TOPIC_ALREADY_EXISTS') return
    const { error, message } = result
    logger.error('the topic of the group coordinators could not be made', { error, message })
  }

  /** A machine for each partition that has a leader, loaded; where the leader is another node than before, a new one. */
  private async follow(topic: TopicView): Promise<void> {
    const loads: Promise<void>[] = []
    // Groups are spread over as many machines as there are partitions: never fewer while some are being made.
    const machines = [...this.machines]
    machines.length = topic.partitions.length
    for (const view of topic.partitions) {
      const partition = this.options.partitions.find(topic, view.index)
      const machine = machines[view.index]
      if (partition !== null && machine?.node === view.leader) {
        machine.update(partition)
        continue
      }
      machine?.stop()
      machines[view.index] = undefined
      if (partition === null || view.leader < 0) continue
      const { clock, logger } = this.options
      const successor = new GroupMachine({ partition, clock, logger, config: () => this.config })
      machines[view.index] = successor
      loads.push(successor.load())
    }
    this.machines = machines
    await Promise.all(loads)
  }

  private async dropOffsets({ name, id: topicId }: TopicView): Promise<void> {
    await Promise.all(this.machines.map((machine) => machine?.submit({ kind: 'DropTopic', name, topicId })))
  }
}

/** Read anew at every decision, since the broker's configs may change while it runs. */
function groupConfig(settings: BrokerSettings): GroupConfig {
  return {
    ...defaultGroupConfig,
    get groupMinSessionTimeoutMs() {
      return settings.groupMinSessionTimeoutMs
    },
    get groupMaxSessionTimeoutMs() {
      return settings.groupMaxSessionTimeoutMs
    },
    get groupMaxSize() {
      return settings.groupMaxSize
    },
    get groupInitialRebalanceDelayMs() {
      return settings.groupInitialRebalanceDelayMs
    },
    get offsetMetadataMaxBytes() {
      return settings.offsetMetadataMaxBytes
    },
    get offsetsRetentionMs() {
      return settings.offsetsRetentionMinutes * MS_PER_MINUTE
    },
  }
}
