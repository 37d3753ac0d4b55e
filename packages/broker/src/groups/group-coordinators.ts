import {
  defaultGroupConfig,
  type EndMarker,
  type GroupCommand,
  type GroupConfig,
  type GroupResponse,
  GroupShard,
  groupAppendErrorCode,
  groupErrorResponse,
} from '@odradek/coordinators'
import { assert } from '@odradek/core'
import type { ErrorCode } from '@odradek/protocol'
import type { BrokerSettings } from '../config/settings.ts'
import { CoordinatorMachines, type CoordinatorMachinesOptions } from '../coordination/coordinator-machines.ts'
import { MachineCensus } from '../coordination/machine-census.ts'
import type { MetadataChange } from '../metadata/metadata-change.ts'
import type { GroupCoordinators } from '../services.ts'
import { OFFSETS_TOPIC } from './offsets-topic.ts'

const MS_PER_MINUTE = 60_000

/** The group coordinators of all nodes of the process: a machine for each partition of `__consumer_offsets`. */
export class GroupMachines extends CoordinatorMachines<GroupCommand, GroupResponse> implements GroupCoordinators {
  constructor(options: CoordinatorMachinesOptions, settings: BrokerSettings) {
    const config = groupConfig(settings)
    const census = new MachineCensus<GroupShard>()
    super(options, OFFSETS_TOPIC, {
      what: 'groups',
      createShard: (_, index) =>
        census.add(
          index,
          new GroupShard(
            () => config,
            () => census.size,
            () => census.sum(({ keptBytes }) => keptBytes),
            () => census.sum(({ offsetsCount }) => offsetsCount),
          ),
        ),
      dropped: () => census.clear(),
      errorResponse: groupErrorResponse,
      appendErrorCode: groupAppendErrorCode,
      producerOf: (command) =>
        command.kind === 'TxnOffsetCommit' || command.kind === 'EndTransaction' ? command : null,
    })
  }

  /** Ends a producer's transaction in one partition of the offsets; NONE when that is durable. */
  async endTransaction(partitionIndex: number, marker: EndMarker): Promise<ErrorCode> {
    const response = await this.submitTo(partitionIndex, { ...marker, kind: 'EndTransaction' })
    assert(response.kind === 'EndTransaction', `${response.kind} answers EndTransaction`)
    return response.errorCode
  }

  override async take(change: MetadataChange): Promise<void> {
    const deleted = change.topicsDeleted.filter(({ name }) => name !== OFFSETS_TOPIC)
    await this.tellAll(deleted.map(({ name, id }) => ({ kind: 'DropTopic', name, topicId: id })))
    await super.take(change)
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
    get groupsMax() {
      return settings.groupsMax
    },
    get groupBytesMax() {
      return settings.groupBytesMax
    },
    get offsetsMax() {
      return settings.offsetsMax
    },
    get pendingMembersMax() {
      return settings.pendingMembersMax
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
