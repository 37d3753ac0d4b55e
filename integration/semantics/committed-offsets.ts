import { absent, groups, handler, notBuilt, row, type Section, scenario } from './row.ts'

const COMMIT = '08-offset-commit'
const FETCH = '09-offset-fetch'
const DELETE = '47-offset-delete'
const MODERN = absent('groups of the protocols after the classic one are not built yet')

const nobodys = scenario("OffsetCommit: of nobody's group")
const noMembers = scenario('OffsetCommit: of members that are none')
const one = scenario('OffsetFetch: of one group')
const several = scenario('OffsetFetch: of several groups')
const held = scenario('OffsetFetch: offsets that a transaction holds')
const described = scenario('DescribeGroups: stable, empty and missing groups')
const deleted = scenario('DeleteGroups: with members, empty and missing')

const commits: Section['rows'] = [
  row(
    'OffsetCommit: what is not there: UNKNOWN_TOPIC_OR_PARTITION, by id UNKNOWN_TOPIC_ID, whatever the group',
    nobodys,
    noMembers,
    handler(COMMIT, 'rows keep their places: unknown ones among known ones, a partition twice'),
    handler(COMMIT, 'v10: by topic id, which the answer has; an unknown one is that'),
    handler(COMMIT, 'when no row is left the group is not looked at; no topics are an empty answer'),
  ),
  row(
    'OffsetCommit: of nobody in particular: taken where a group is not there, or empty',
    nobodys,
    handler(COMMIT, 'v%i: a consumer without a group commits'),
    groups('offset-commit', 'Without members anybody may commit; the group is a simple one from then on.'),
  ),
  row(
    'OffsetCommit: a generation of a group that is not there: ILLEGAL_GENERATION, from 9 on GROUP_ID_NOT_FOUND',
    noMembers,
    handler(COMMIT, 'v%i: a generation of a group that is not there is %i'),
    groups('offset-commit', 'No such group: by version.'),
  ),
  row(
    'OffsetCommit: a generation in an empty group: UNKNOWN_MEMBER_ID',
    noMembers,
    groups('offset-commit', "A generation in an Empty group is nobody's."),
  ),
  row(
    'OffsetCommit: with members: a stranger UNKNOWN_MEMBER_ID, another generation ILLEGAL_GENERATION, an instance taken over FENCED_INSTANCE_ID',
    handler(COMMIT, 'members of a group: who, and of which generation'),
    groups('offset-commit', 'Stable.'),
    groups('static-members', 'The old id may not join, sync, commit or leave either.'),
  ),
  row(
    'OffsetCommit: in a round the old generation still commits; before the assignment REBALANCE_IN_PROGRESS',
    groups('offset-commit', 'During a round the old generation still commits.'),
  ),
  row('OffsetCommit: of members of the newer protocols', notBuilt('ConsumerGroupHeartbeat: groups of other types')),
  row(
    'OffsetCommit: metadata that is too long: OFFSET_METADATA_TOO_LARGE, the others are committed',
    nobodys,
    handler(
      COMMIT,
      'offset.metadata.max.bytes: metadata at the limit is kept, a character more refuses that row alone',
    ),
    groups('offset-commit', 'The metadata is measured in characters; the other partitions are stored.'),
  ),
  row(
    'OffsetCommit: any offset, no metadata, a partition twice, internal topics, a group without a name',
    nobodys,
    handler(COMMIT, 'any offset is stored, and null metadata as ""'),
    handler(COMMIT, 'internal topics may be committed, and "" is a group'),
    groups(
      'offset-commit',
      'The group id may be empty; any value is an offset; the same partition twice: the last one counts.',
    ),
  ),
  row(
    'OffsetCommit: all of a request or nothing',
    groups('offset-commit', 'More than the log takes at once: all or nothing.'),
  ),
  row(
    'OffsetCommit 2-4: an expiry of its own',
    handler(COMMIT, "a retention time of its own (v2 to 4) ends the offset before the broker's would"),
    groups('expiry', 'An expiry of its own (versions 2 to 4), and a time of its own (version 1).'),
  ),
]

const fetches: Section['rows'] = [
  row(
    'OffsetFetch: all there are, some, or none',
    one,
    several,
    handler(FETCH, 'v%i: null is all that the group has, an empty list nothing'),
  ),
  row(
    'OffsetFetch: no group, offset, topic or partition: no offset, and no error',
    one,
    several,
    handler(FETCH, 'v%i: what is asked for, -1 where there is none'),
    handler(FETCH, 'a group that is not there has no offsets, and that is no error'),
  ),
  row(
    'OffsetFetch: several groups, each for itself',
    several,
    handler(FETCH, 'v%i: several groups, each for itself, a repeated one too'),
  ),
  row(
    'OffsetFetch: below 2 errors of the group are in its partitions',
    handler(FETCH, 'v%i: an error of the group stands in every row'),
  ),
  row(
    'OffsetFetch: an offset that a transaction holds, where stable ones are asked for: UNSTABLE_OFFSET_COMMIT',
    held,
    groups(
      'transactional-offsets',
      'Those who must not begin from an offset that may be about to change are told to wait; in the all-topics form a partition that',
    ),
  ),
  row('OffsetFetch: of members of the newer protocols', MODERN),
  row('OffsetFetch: an unknown id: UNKNOWN_TOPIC_ID', several, handler(FETCH, 'v10: by topic id, named and all')),
  row(
    'offsets of an empty group expire after the retention since then, those of members where nobody subscribes',
    groups('expiry', 'Seven days after the commit, looked at every ten minutes; the group goes with its last offset.'),
    groups('expiry', 'Empty: measured from when the last member left.'),
    groups('expiry', 'With members: only what nobody subscribes to, measured from the commit.'),
    groups('expiry', 'With members whose subscription cannot be read, or of another kind: nothing.'),
  ),
  row(
    'a group without offsets and members goes at the next look',
    groups('expiry', 'A group without offsets and members goes at the next look, unless somebody was given an id.'),
  ),
  row(
    'what a transaction holds does not expire',
    groups(
      'transactional-removal',
      'Pending offsets do not expire, and neither do those that they are to replace; a group that has nothing else stays.',
    ),
  ),
  row(
    'a topic that is deleted takes its offsets with it',
    handler(FETCH, "a deleted topic's offsets are gone, also under its name again"),
    groups(
      'offset-topic-ids',
      'The deletion of one topic leaves the offsets of another of the same name; the group stays.',
    ),
  ),
  row(
    'what is deleted takes with it what a transaction holds of it',
    groups(
      'transactional-removal',
      'DeleteGroups and OffsetDelete take what is pending with them, whether or not something is committed: nothing comes with the marker.',
    ),
  ),
]

const administration: Section['rows'] = [
  row(
    'DescribeGroups: a missing group is dead, from 6 on GROUP_ID_NOT_FOUND',
    described,
    handler('15-describe-groups', 'v%i: a missing group is "Dead" with %i'),
  ),
  row(
    'DescribeGroups: protocol and metadata of a stable group alone',
    described,
    handler('15-describe-groups', 'while members join, the protocol is not told; empty once they are gone'),
    handler('15-describe-groups', 'v%i: a stable group with its member'),
  ),
  row(
    'DescribeGroups: a group as often as it is named',
    described,
    handler('15-describe-groups', 'in the order of the request, a group named twice twice'),
  ),
  row(
    'DescribeGroups: another node: NOT_COORDINATOR',
    handler('15-describe-groups', 'rights and nodes, group by group'),
  ),
  row(
    'ListGroups: those of the node that is asked',
    scenario('ListGroups: all'),
    handler('16-list-groups', 'other nodes list what they coordinate: here nothing'),
  ),
  row(
    'ListGroups: by state and type in any letters; unknown ones match nothing',
    scenario('ListGroups: by state'),
    scenario('ListGroups: by type'),
    handler('16-list-groups', 'filters by state and type, in any case; unknown ones match nothing'),
    groups('admin', 'The filters: any letter case; unknown names match nothing.'),
  ),
  row(
    'ListGroups, DescribeGroups while the log is being read: COORDINATOR_LOAD_IN_PROGRESS',
    groups('restart', 'While the log is being read: come again later. A heartbeat is answered as if all were well.'),
  ),
  row(
    'DeleteGroups: with members: NON_EMPTY_GROUP; a missing one: GROUP_ID_NOT_FOUND; a group twice: one row',
    deleted,
    handler('42-delete-groups', 'not while it has members'),
    handler('42-delete-groups', 'v%i: with its offsets; then it is missing'),
    handler('42-delete-groups', 'a group named twice is answered once'),
  ),
  row(
    'OffsetDelete: no group: GROUP_ID_NOT_FOUND; no group id: INVALID_GROUP_ID',
    scenario('OffsetDelete: committed or not'),
    handler(DELETE, 'an error of the group is the whole answer'),
  ),
  row(
    'OffsetDelete: members of another protocol: NON_EMPTY_GROUP; a topic that is subscribed to: GROUP_SUBSCRIBED_TO_TOPIC',
    scenario('OffsetDelete: of groups with members'),
    handler(DELETE, 'topics that a member wants are kept, others not'),
    groups('offset-delete', 'What it subscribes to cannot be read: then perhaps everything.'),
    groups('offset-delete', 'Another protocol type is left alone as long as it has members.'),
  ),
  row(
    'OffsetDelete: what is not there: UNKNOWN_TOPIC_OR_PARTITION; what was never committed: NONE',
    scenario('OffsetDelete: committed or not'),
    handler(DELETE, 'unknown topics and partitions are answered beside the others'),
    handler(DELETE, 'committed or not, what is named has no offset then; the group stays'),
  ),
]

export const committedOffsets: Section = {
  name: 'committed offsets, groups seen by administrators',
  rows: [...commits, ...fetches, ...administration],
}
