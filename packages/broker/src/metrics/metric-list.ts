import { brokerFamilies, leftOutFamily } from './families/broker-families.ts'
import { droppedFamily } from './families/client-families.ts'
import { groupFamilies, groupRowsLeftOut } from './families/group-families.ts'
import { partitionFamilies, partitionsWithoutRow } from './families/partition-families.ts'
import { requestFamilies } from './families/request-families.ts'
import { topicFamilies, topicsWithoutRow } from './families/topic-families.ts'
import { transactionFamily } from './families/transaction-families.ts'
import type { Family } from './family.ts'

/** Every metric of the broker's own, in the order in which they are written. */
export const brokerOwnFamilies: readonly Family[] = [
  ...brokerFamilies(),
  leftOutFamily({
    topics: topicsWithoutRow,
    partitions: partitionsWithoutRow,
    group_partitions: groupRowsLeftOut,
  }),
  ...requestFamilies(),
  ...topicFamilies(),
  ...partitionFamilies(),
  ...groupFamilies(),
  transactionFamily(),
  droppedFamily(),
]
