import { notBuilt, row, type Section } from './row.ts'

const cannotBe = notBuilt('ConsumerGroupHeartbeat: requests that cannot be')
const life = notBuilt('ConsumerGroupHeartbeat: a member joins, goes on and leaves')
const epochs = notBuilt('ConsumerGroupHeartbeat: epochs of a member')
const statics = notBuilt('ConsumerGroupHeartbeat: static members')
const otherTypes = notBuilt('ConsumerGroupHeartbeat: groups of other types')
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
    row('ConsumerGroupHeartbeat: an epoch behind or ahead: FENCED_MEMBER_EPOCH', epochs),
    row('ConsumerGroupHeartbeat: all of it, or epoch 0, is answered with all of the assignment', epochs),
    row('ConsumerGroupHeartbeat: an assignor that is none, at any epoch: UNSUPPORTED_ASSIGNOR', epochs),
    row('ConsumerGroupHeartbeat: -2 without an instance: INVALID_REQUEST', epochs),
    row('ConsumerGroupHeartbeat: an instance that somebody has: UNRELEASED_INSTANCE_ID', statics),
    row(
      'ConsumerGroupHeartbeat: another’s instance: FENCED_INSTANCE_ID; one that is unknown: UNKNOWN_MEMBER_ID',
      statics,
    ),
    row(
      'ConsumerGroupHeartbeat: an instance goes and comes back as another; its former epoch meanwhile: FENCED_MEMBER_EPOCH',
      statics,
    ),
    row('groups of another type: GROUP_ID_NOT_FOUND in both directions', otherTypes),
    row('DescribeGroups of such groups: GROUP_ID_NOT_FOUND; DeleteGroups: NON_EMPTY_GROUP', otherTypes),
    row('Heartbeat in such groups: UNKNOWN_MEMBER_ID', otherTypes),
    row(
      'OffsetCommit of members: before 9 UNSUPPORTED_VERSION, a stranger UNKNOWN_MEMBER_ID; in a share group GROUP_ID_NOT_FOUND',
      otherTypes,
    ),
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
