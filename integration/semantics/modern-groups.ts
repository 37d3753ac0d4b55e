import { notBuilt, row, type Section } from './row.ts'

const cannotBe = notBuilt('ConsumerGroupHeartbeat: requests that cannot be')
const life = notBuilt('ConsumerGroupHeartbeat: a member joins, goes on and leaves')
const described = notBuilt('ConsumerGroupDescribe: groups there and not')
const shareBeats = notBuilt('ShareGroupHeartbeat: requests that cannot be, a member that joins and leaves')
const shareFetch = notBuilt('ShareFetch: without a session, and without a group')
const acknowledged = notBuilt('ShareAcknowledge: without a session')
const streamsBeats = notBuilt('StreamsGroupHeartbeat: requests that cannot be')

/** What Kafka answers is recorded; nothing of it is built yet. */
export const modernGroups: Section = {
  name: 'groups of the protocols after the classic one',
  rows: [
    row(
      'ConsumerGroupHeartbeat: no group id, empty names, bad epochs, a join that lacks something: INVALID_REQUEST',
      cannotBe,
    ),
    row('ConsumerGroupHeartbeat: an assignor that is none: UNSUPPORTED_ASSIGNOR', cannotBe),
    row('ConsumerGroupHeartbeat from 1 on: a pattern that is none: INVALID_REGULAR_EXPRESSION', cannotBe),
    row('ConsumerGroupHeartbeat: an epoch of a group that is not there: GROUP_ID_NOT_FOUND', cannotBe),
    row('ConsumerGroupHeartbeat: an epoch ahead: FENCED_MEMBER_EPOCH; a stranger: UNKNOWN_MEMBER_ID', life),
    row('ConsumerGroupHeartbeat: joining, and leaving', life),
    row('ConsumerGroupDescribe: no group: GROUP_ID_NOT_FOUND; no group id: INVALID_GROUP_ID', described),
    row('ShareGroupHeartbeat: no ids, ids too long, bad epochs, nothing subscribed to: INVALID_REQUEST', shareBeats),
    row(
      'ShareGroupHeartbeat: no group: GROUP_ID_NOT_FOUND; an epoch ahead: FENCED_MEMBER_EPOCH; a stranger: UNKNOWN_MEMBER_ID',
      shareBeats,
    ),
    row(
      'ShareGroupDescribe: no group: GROUP_ID_NOT_FOUND; no group id: INVALID_GROUP_ID',
      notBuilt('ShareGroupDescribe: groups there and not'),
    ),
    row('ShareFetch: no session, whatever the epoch: SHARE_SESSION_NOT_FOUND', shareFetch),
    row('ShareFetch: no group or member: INVALID_REQUEST', shareFetch),
    row(
      'ShareAcknowledge: no session: SHARE_SESSION_NOT_FOUND; a bad epoch: INVALID_SHARE_SESSION_EPOCH',
      acknowledged,
    ),
    row('DescribeShareGroupOffsets: of nobody', notBuilt('DescribeShareGroupOffsets: of nobody')),
    row(
      'AlterShareGroupOffsets: no group id: INVALID_GROUP_ID; no topic: UNKNOWN_TOPIC_OR_PARTITION',
      notBuilt('AlterShareGroupOffsets: of nobody'),
    ),
    row(
      'DeleteShareGroupOffsets: no group: GROUP_ID_NOT_FOUND; no group id: INVALID_GROUP_ID',
      notBuilt('DeleteShareGroupOffsets: of nobody'),
    ),
    row(
      'StreamsGroupHeartbeat: no ids, bad epochs, a join that lacks something, a topology at another time: INVALID_REQUEST',
      streamsBeats,
    ),
    row('StreamsGroupHeartbeat: no group: GROUP_ID_NOT_FOUND', streamsBeats),
    row(
      'StreamsGroupDescribe: no group: GROUP_ID_NOT_FOUND; no group id: INVALID_GROUP_ID',
      notBuilt('StreamsGroupDescribe: groups that are not there'),
    ),
  ],
}
