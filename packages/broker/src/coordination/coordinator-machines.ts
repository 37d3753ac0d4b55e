import { partitionFor } from '@odradek/coordinators'
import type { Clock, Logger, NodeId } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import type { ClusterView, TopicView } from '../cluster-view.ts'
import { nextTurn } from '../in-turns.ts'
import type { Controller } from '../metadata/controller.ts'
import type { MetadataChange } from '../metadata/metadata-change.ts'
import type { Partitions } from '../services.ts'
import { type CoordinatorKind, CoordinatorMachine } from './coordinator-machine.ts'

export interface CoordinatorMachinesOptions {
  readonly cluster: ClusterView
  readonly controller: Controller
  readonly partitions: Partitions
  readonly clock: Clock
  readonly logger: Logger
}

/** Of those that each machine is told in one turn of the event loop; there are 50 machines where nobody says otherwise. */
const COMMANDS_PER_TURN = 10

/**
 * The coordinators of one internal topic on all nodes of the process: one machine for each of its partitions, on the
 * node that leads it. All are loaded when the broker starts, so that no client meets a cold one.
 */
export class CoordinatorMachines<Command, Response, Effect = never> {
  private readonly options: CoordinatorMachinesOptions
  private readonly topicName: string
  private readonly kind: CoordinatorKind<Command, Response, Effect>
  /** By partition; without a leader there is none. */
  private machines: (CoordinatorMachine<Command, Response, Effect> | undefined)[] = []
  private creation: Promise<void> | null = null

  constructor(
    options: CoordinatorMachinesOptions,
    topicName: string,
    kind: CoordinatorKind<Command, Response, Effect>,
  ) {
    this.options = options
    this.topicName = topicName
    this.kind = kind
  }

  /** Loads what the topic has, if there is one; the partitions' logs must be open. */
  async start(): Promise<void> {
    const topic = this.options.cluster.topic(this.topicName)
    if (topic !== undefined) await this.follow(topic)
  }

  /** Takes in what the metadata log has changed, after the partitions have. */
  async take(change: MetadataChange): Promise<void> {
    if (change.topicsDeleted.some(({ name }) => name === this.topicName)) await this.stop()
    await this.start()
  }

  /** Resolves when nothing is written any more that a machine has asked for. */
  async stop(): Promise<void> {
    const { machines } = this
    this.machines = []
    for (const machine of machines) machine?.stop()
    this.kind.dropped()
    await Promise.all(machines.map((machine) => machine?.settled()))
  }

  /** The node that coordinates what `key` names, or null while there is none. */
  coordinatorOf(key: string): NodeId | null {
    const machine = this.machineOf(key)
    return machine?.isUsable === true ? machine.node : null
  }

  /** Index of the partition that holds what `key` names; null while the topic does not exist. */
  partitionOf(key: string): number | null {
    return this.machines.length === 0 ? null : partitionFor(key, this.machines.length)
  }

  async submit(node: NodeId, key: string, command: Command, handedOver?: () => void): Promise<Response> {
    if (this.machines.length === 0) await this.createTopic()
    const machine = this.machineOf(key)
    if (machine?.node === node) {
      const answer = machine.submit(command)
      handedOver?.()
      return answer
    }
    const errorCode = this.machines.length === 0 ? ErrorCode.COORDINATOR_NOT_AVAILABLE : ErrorCode.NOT_COORDINATOR
    return this.kind.errorResponse(command, errorCode)
  }

  /** To the machine of one partition, whatever its node. */
  async submitTo(partitionIndex: number, command: Command): Promise<Response> {
    const machine = this.machines[partitionIndex]
    return machine?.submit(command) ?? this.kind.errorResponse(command, ErrorCode.NOT_COORDINATOR)
  }

  /** The same command to every machine that `node` coordinates. */
  submitToAll(node: NodeId, command: Command): Promise<readonly Response[]> {
    const own = this.machines.filter((machine) => machine?.node === node && machine.isUsable)
    return Promise.all(own.flatMap((machine) => machine?.submit(command) ?? []))
  }

  /** Each command to every machine, whatever its node. Many of them take as many turns as they need. */
  async tellAll(commands: readonly Command[]): Promise<void> {
    for (const [index, command] of commands.entries()) {
      if (index > 0 && index % COMMANDS_PER_TURN === 0) await nextTurn(this.options.clock)
      await Promise.all(this.machines.map((machine) => machine?.submit(command)))
    }
  }

  private machineOf(key: string): CoordinatorMachine<Command, Response, Effect> | undefined {
    const index = this.partitionOf(key)
    return index === null ? undefined : this.machines[index]
  }

  /** The first use makes the topic; when it cannot be made, the client hears so and asks again. */
  private async createTopic(): Promise<void> {
    this.creation ??= this.requestTopic().finally(() => {
      this.creation = null
    })
    await this.creation
  }

  private async requestTopic(): Promise<void> {
    const { controller, logger } = this.options
    const [result] = await controller.autoCreateTopics([this.topicName])
    if (result === undefined || result.error === 'NONE' || result.error === 'TOPIC_ALREADY_EXISTS') return
    const { error, message } = result
    logger.error(`the topic of ${this.kind.what} could not be made`, { topic: this.topicName, error, message })
  }

  /** A machine for each partition that has a leader, loaded; where it has a new leader, or the old one anew, another one. */
  private async follow(topic: TopicView): Promise<void> {
    const loads: Promise<void>[] = []
    // Keys are spread over as many machines as there are partitions: never fewer while some are being made.
    const machines = [...this.machines]
    machines.length = topic.partitions.length
    for (const view of topic.partitions) {
      const partition = this.options.partitions.find(topic, view.index)
      const machine = machines[view.index]
      if (partition !== null && machine?.node === view.leader && machine.epoch === view.leaderEpoch) {
        machine.update(partition)
        continue
      }
      machine?.stop()
      machines[view.index] = undefined
      if (partition === null || view.leader < 0) continue
      const { clock, logger } = this.options
      const predecessor = machine?.settled() ?? Promise.resolve()
      const successor = new CoordinatorMachine({ kind: this.kind, partition, clock, logger, predecessor })
      machines[view.index] = successor
      loads.push(successor.load())
    }
    this.machines = machines
    await Promise.all(loads)
  }
}
