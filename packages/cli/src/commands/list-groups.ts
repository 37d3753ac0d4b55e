import { ListGroups, type ListGroupsResponseGroup } from '@odradek/protocol'
import { expectOk } from '../client/failure.ts'
import type { KafkaClient } from '../client/kafka-client.ts'

/** Each broker knows the groups that it coordinates. */
export function listGroups(client: KafkaClient): Promise<readonly ListGroupsResponseGroup[]> {
  return client.retrying(async () => {
    const found: ListGroupsResponseGroup[] = []
    for (const nodeId of await client.nodeIds()) {
      const { errorCode, groups } = await (await client.node(nodeId)).call(ListGroups, {})
      expectOk(`groups of broker ${nodeId}`, errorCode)
      found.push(...groups)
    }
    return found.sort((a, b) => (a.groupId < b.groupId ? -1 : 1))
  })
}
