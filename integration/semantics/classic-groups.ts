import { absent, groups, handler, row, type Section, scenario, test } from './row.ts'

const FIND = '10-find-coordinator'
const JOIN = '11-join-group'
const COORDINATORS = 'packages/broker/src/groups/group-coordinators.test.ts'
const GROUP_LIMITS = 'packages/broker/src/groups/group-limits.test.ts'

const oneKey = scenario('FindCoordinator: one key')
const severalKeys = scenario('FindCoordinator: several keys')
const alone = scenario('JoinGroup: a group of one')
const refused = scenario('JoinGroup: refused')
const others = scenario('JoinGroup: into a group with other protocols')
const comesBack = scenario('JoinGroup: a static member that comes back')
const inTurn = scenario('SyncGroup: in and out of turn')
const beats = scenario('Heartbeat: of members and strangers')
const leaves = scenario('LeaveGroup: several at once')

const coordinators: Section['rows'] = [
  row(
    'FindCoordinator: one key below 4, from then on several, each for itself and as often as it is named',
    oneKey,
    severalKeys,
    handler(FIND, 'v%i: each key is answered, in order, a repeated one too'),
  ),
  row(
    'FindCoordinator: a kind of key that is none: INVALID_REQUEST',
    oneKey,
    severalKeys,
    handler(FIND, 'key type %i is an invalid request'),
  ),
  row('FindCoordinator: of share groups, from 6 on', absent('share groups are not built yet')),
  row(
    'FindCoordinator: an empty key has one too',
    oneKey,
    severalKeys,
    handler(FIND, 'the coordinator of a transactional id leads its partition; "" has one too'),
  ),
  row(
    'FindCoordinator: no topic yet, or no leader of its partition: COORDINATOR_NOT_AVAILABLE',
    handler(FIND, 'without a leader there is no coordinator'),
    test(COORDINATORS, 'that cannot be made is no coordinator, and is tried again'),
  ),
  row(
    'FindCoordinator: by the hash of the key',
    test('packages/coordinators/src/runtime/partition-for.test.ts', '%j has hash %i and lies in partition %i of 50'),
    test(
      'packages/coordinators/src/runtime/partition-for.test.ts',
      'the hash whose absolute value does not fit in 32 bits goes to partition 0',
    ),
  ),
  row(
    'another node: NOT_COORDINATOR',
    handler(JOIN, 'another node than the coordinator says so'),
    test(COORDINATORS, "the node that leads a group's partition coordinates it; others say so"),
  ),
  row(
    'while its log is being read: COORDINATOR_LOAD_IN_PROGRESS, but a Heartbeat is answered as if all were well',
    groups('restart', 'While the log is being read: come again later. A heartbeat is answered as if all were well.'),
    test(COORDINATORS, 'while it cannot be read members are told that they live, and others to wait'),
  ),
]

const joins: Section['rows'] = [
  row(
    'no group id: INVALID_GROUP_ID',
    refused,
    inTurn,
    beats,
    leaves,
    groups('join-refused', 'An empty group id; session timeouts at the limits and one past them.'),
  ),
  row(
    'JoinGroup: a session time-out out of bounds: INVALID_SESSION_TIMEOUT',
    refused,
    handler(JOIN, 'group.min.session.timeout.ms and group.max.session.timeout.ms: one of %i ms answers %i'),
  ),
  row(
    'JoinGroup: the rebalance time-out is not checked; in 0 the session time-out stands for it',
    groups('join-refused', 'A rebalance timeout is not checked.'),
    handler(JOIN, 'without a rebalance time-out (v0) the session time-out counts'),
  ),
  row(
    'JoinGroup: what is refused keeps the member id',
    refused,
    handler(JOIN, 'what is refused keeps the member id of the request'),
  ),
  row(
    'JoinGroup: no protocol, another type, or none in common: INCONSISTENT_GROUP_PROTOCOL',
    refused,
    others,
    alone,
    groups('join-refused', 'Another protocol type; no protocol that all members support; one that all do.'),
    groups(
      'protocol-votes',
      'The sole member of a group cannot change to a protocol that nobody else supports, not even itself.',
    ),
  ),
  row(
    'JoinGroup: a member of an unknown group, or an unknown member: UNKNOWN_MEMBER_ID',
    refused,
    groups('join-refused', 'Nobody knows this group, so nobody can be a member of it.'),
    groups('join-refused', "A stranger's id, with and without an instance."),
  ),
  row(
    'JoinGroup: a full group: GROUP_MAX_SIZE_REACHED, but members may come again',
    groups('group-size', 'Full in every state; members may always come again.'),
    groups('group-size', 'The maximum is lowered: the last to come back is left out.'),
    test(GROUP_LIMITS, 'group.max.size: so many members, one more is refused'),
  ),
  row(
    'JoinGroup: a new member from 4 on: MEMBER_ID_REQUIRED with an id, before that in at once',
    alone,
    handler(JOIN, 'v%i: a new member is in at once'),
    handler(JOIN, 'v%i: a new member gets its id first (KIP-394)'),
    groups('first-member', 'KIP-394: a new dynamic member is given an id, and has to come again with it.'),
  ),
  row(
    'JoinGroup: a new static member: in at once',
    handler(JOIN, 'v5 and up: a static member is in at once, and the leader learns its instance'),
    groups('static-members', "Added at once, under an id made of the instance's."),
    groups('static-members', 'An instance id may be empty.'),
  ),
  row(
    'JoinGroup: another member id than the instance has: FENCED_INSTANCE_ID; an unknown instance with one: UNKNOWN_MEMBER_ID',
    comesBack,
    groups('static-members', 'The old id may not join, sync, commit or leave either.'),
  ),
  row(
    'JoinGroup: an instance that comes back, stable: another id, the same generation, no round',
    comesBack,
    groups('static-members', 'A follower comes back without its id: a new id, the same generation, no round.'),
    groups('static-members', 'Another subscription under the same protocol: no round.'),
  ),
  row(
    'JoinGroup: the leader that comes back: from 9 on it skips the assignment, before that it follows its former self',
    comesBack,
    groups('static-members', 'The leader comes back: from version 9 on it is told to skip the assignment.'),
    groups('static-members', "Below version 9 it sees the old leader's id, and follows."),
  ),
  row(
    'JoinGroup: an instance that comes back sets off a round where the protocol would change, or an assignment is due',
    groups('static-members', 'A protocol that changes the choice: a round.'),
    groups(
      'static-members',
      'While the round is being completed: another round, since the leader may assign to the old id.',
    ),
    groups('static-members', 'While members join: the one before is fenced, the new one joins the round.'),
  ),
  row(
    'JoinGroup: before the assignment the same again is answered, anything else begins a round',
    groups('rejoin', 'CompletingRebalance, the same metadata: the answer may have been lost, so it is given again.'),
    groups('rejoin', 'CompletingRebalance, other metadata: a new round; who waits for an assignment is told.'),
  ),
  row(
    'JoinGroup: in a stable group the leader always begins a round, a follower with other metadata',
    alone,
    groups('rejoin', 'Stable: the leader always begins a round.'),
    groups('rejoin', 'Stable: a follower with the same metadata is told where it is.'),
  ),
]

const rounds: Section['rows'] = [
  row(
    'the first round waits for others, each prolonging it, no longer than the rebalance time-out',
    groups('initial-delay', 'Each new joiner prolongs the wait by up to the same delay.'),
    groups('initial-delay', 'In all no longer than the longest rebalance timeout.'),
    groups('initial-delay', 'A later round does not wait.'),
  ),
  row(
    'a later one ends with the last member, or leaves out who is late',
    groups(
      'rebalance',
      'A third member: the others learn of the round by their heartbeats, and it ends when all have joined.',
    ),
    groups(
      'rebalance',
      'Somebody who does not come back in time is left out; so is one that the leader forgot to give anything.',
    ),
  ),
  row(
    'static members stay until their session ends; where nobody came the round is put off',
    groups(
      'static-members',
      'In a round, absent static members are waited for until the rebalance timeout, and then stay members.',
    ),
    groups('static-members', 'Nobody at all came back: the round is put off, and only sessions can end it.'),
  ),
  row(
    'a new member that waits is not dropped before five minutes',
    groups('sessions', 'But a new member is not waited for longer than five minutes.'),
    groups('sessions', 'A member that waits for our answer cannot fail to send heartbeats.'),
  ),
  row(
    'the protocol that most vote for, of those that all support',
    groups('protocol-votes', 'Each votes for its first protocol that all support: two for robin, one for range.'),
    groups('protocol-votes', 'With equal votes the one that came first stays.'),
  ),
  row(
    'the leader learns of all members, the others of none',
    handler(JOIN, 'a follower waits for the others, and gets no members'),
  ),
  row(
    'ids that were given out hold up every round but the first',
    groups('pending-members', 'Ids that were given out do not hold up the first round of an Empty group.'),
    groups('pending-members', 'They hold up every later one: here the leader joins again and waits.'),
    groups('pending-members', 'It never comes back: the round ends with its session.'),
  ),
  row(
    'who leaves while it joins: UNKNOWN_MEMBER_ID',
    groups('leave', 'One that waits in a round is told, and the same member leaves only once.'),
  ),
]

const members: Section['rows'] = [
  row(
    'SyncGroup: unknown: UNKNOWN_MEMBER_ID; another generation: ILLEGAL_GENERATION; the member comes first',
    inTurn,
    groups('heartbeat', 'The member comes before the generation.'),
  ),
  row(
    'SyncGroup: an instance that was taken over: FENCED_INSTANCE_ID',
    groups('static-members', 'The old id may not join, sync, commit or leave either.'),
  ),
  row(
    'SyncGroup: what a follower assigns, strangers, or too late, does not count',
    inTurn,
    groups(
      'sync-refused',
      "A follower's assignments count for nothing; strangers in the leader's are left out; members missing there get nothing.",
    ),
    groups('sync-refused', "Once Stable, the leader's come too late."),
  ),
  row(
    'SyncGroup from 5 on: protocols that are not the group’s: INCONSISTENT_GROUP_PROTOCOL',
    scenario("SyncGroup: protocols that are not the group's"),
    handler('14-sync-group', "v5: the protocol has to be named, and be the group's"),
  ),
  row('SyncGroup: in a round: REBALANCE_IN_PROGRESS', groups('sync-refused', 'During the round.')),
  row(
    'SyncGroup: waits for the leader; who is left out gets nothing',
    handler('14-sync-group', 'followers wait for the leader; who is left out gets empty bytes'),
  ),
  row(
    'SyncGroup: what cannot be written is in nobody’s hands, and the round begins again',
    groups(
      'sync-refused',
      'An assignment that does not fit into the log: nobody gets one, and the round begins again.',
    ),
  ),
  row(
    'who does not ask for its assignment in time is out',
    groups('sync-timeout', 'Who does not ask for its assignment within the rebalance timeout is removed.'),
    groups('sync-timeout', 'The leader, too, while the others wait for it.'),
  ),
  row(
    'Heartbeat: in a round: REBALANCE_IN_PROGRESS, else nothing',
    beats,
    groups(
      'rebalance',
      'A third member: the others learn of the round by their heartbeats, and it ends when all have joined.',
    ),
  ),
  row(
    'Heartbeat: an unknown member or group: UNKNOWN_MEMBER_ID; another generation: ILLEGAL_GENERATION; an instance taken over: FENCED_INSTANCE_ID',
    beats,
    scenario('Heartbeat: of static members'),
    handler('12-heartbeat', 'what is wrong'),
    handler('12-heartbeat', 'a replaced static member is fenced'),
    groups('heartbeat', 'A static member may leave out its instance id.'),
    groups('heartbeat', 'An Empty group.'),
  ),
  row(
    'Heartbeat: a member that has an id and has not joined: UNKNOWN_MEMBER_ID',
    groups('pending-members', 'A pending member cannot heartbeat, sync or commit.'),
  ),
  row(
    'LeaveGroup: below 3 one member, whose error is at the top',
    scenario('LeaveGroup: members and strangers'),
    handler('13-leave-group', 'v%i: one member, whose error stands at the top'),
  ),
  row(
    'LeaveGroup: an unknown member or group, or none at all: UNKNOWN_MEMBER_ID; another’s instance: FENCED_INSTANCE_ID',
    leaves,
    groups('leave', 'Nobody, a stranger, no id at all: nothing happens.'),
    handler('13-leave-group', "a static member is removed by its instance id alone, and not by another's member id"),
  ),
  row(
    'LeaveGroup: nobody: NONE; a member twice: the second time UNKNOWN_MEMBER_ID',
    leaves,
    handler('13-leave-group', 'nobody, or a group that is not there'),
  ),
  row(
    'LeaveGroup: an instance by an administrator',
    groups('leave', 'An administrator removes a static member by its instance.'),
  ),
  row(
    'LeaveGroup: an id that was given out',
    groups('leave', 'An id that was given out: as in Kafka that sets off a round, too.'),
    groups('pending-members', 'It leaves: the round can end.'),
  ),
  row(
    'the last member gone: the group is empty, its offsets stay',
    groups('leave', 'The last one: the generation goes up once more, offsets stay.'),
    groups('sessions', 'The last one: the group is Empty, in its next generation.'),
  ),
  row(
    'a session ends without heartbeats, commits and syncs, to the millisecond',
    groups(
      'sessions',
      'Heartbeats keep a session; without them it ends after the session timeout, to the millisecond.',
    ),
    groups('sessions', 'A commit is a sign of life, and so is a SyncGroup.'),
    handler('12-heartbeat', 'keeps the session alive; without it the member is gone when the session is over'),
  ),
]

export const classicGroups: Section = {
  name: 'coordinators and classic groups',
  rows: [...coordinators, ...joins, ...rounds, ...members],
}
