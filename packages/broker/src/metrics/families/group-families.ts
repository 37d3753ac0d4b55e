import { eachNode, NODE } from '../by-node.ts'
import { type Family, OTHER } from '../family.ts'
import type { CommittedOffset, NodeGroups } from '../groups-lookup.ts'
import type { Scrape } from '../scrape.ts'

const STATES = ['PreparingRebalance', 'CompletingRebalance', 'Stable', 'Dead', 'Empty'] as const

/** kafka.coordinator.group:type=GroupMetadataManager, and the lag under the names of the usual exporter of lags. */
export function groupFamilies(): readonly Family[] {
  const manager = 'kafka_coordinator_group_groupmetadatamanager_'
  const gauge = (name: string, help: string, figureOf: (groups: NodeGroups) => number): Family => ({
    name: manager + name,
    help,
    type: 'gauge',
    labels: [NODE],
    collect: async (samples, scrape) => {
      const { byNode } = await scrape.groups.snapshot()
      for (const { node, labels } of eachNode(scrape)) {
        const groups = byNode.get(node)
        if (groups !== undefined) samples.add(labels, figureOf(groups))
      }
    },
  })
  return [
    gauge('numgroups', 'Groups.', ({ groups }) => groups.length),
    gauge('numoffsets', 'Committed offsets.', ({ offsetsCount }) => offsetsCount),
    ...STATES.map((state) =>
      gauge(
        `numgroups${state.toLowerCase()}`,
        `Groups in the state ${state}.`,
        ({ groups }) => groups.filter(({ groupState }) => groupState === state).length,
      ),
    ),
    byGroup('kafka_consumergroup_current_offset', 'Committed offset.', ({ offset }) => offset),
    byGroup(
      'kafka_consumergroup_lag',
      'Records below the high watermark that the group has not committed.',
      ({ lag }) => lag,
    ),
  ]
}

function byGroup(name: string, help: string, figureOf: (committed: CommittedOffset) => number): Family {
  return {
    name,
    help,
    type: 'gauge',
    labels: ['consumergroup', 'topic', 'partition'],
    collect: async (samples, { groups, sources }) => {
      const { offsets } = await groups.snapshot()
      const max = sources.services.settings.metricsGroupPartitionsMax
      for (const [row, committed] of offsets.slice(0, max).entries()) {
        const { groupId, topicName, partition } = committed
        samples.add({ consumergroup: groupId, topic: topicName, partition }, figureOf(committed))
        await samples.pace(row)
      }
      if (offsets.length <= max) return
      const others = offsets.slice(max).reduce((sum, committed) => sum + figureOf(committed), 0)
      samples.add({ consumergroup: OTHER, topic: OTHER, partition: OTHER }, others)
    },
  }
}

/** Rows of groups that have none of their own, and groups that were not asked at all. */
export async function groupRowsLeftOut({ groups, sources }: Scrape): Promise<number> {
  const { offsets, groupsNotAsked } = await groups.snapshot()
  return Math.max(0, offsets.length - sources.services.settings.metricsGroupPartitionsMax) + groupsNotAsked
}
