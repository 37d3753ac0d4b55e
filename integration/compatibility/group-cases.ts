import type { Case } from './case.ts'

const HANDLERS = 'packages/broker/src/handlers'
const GROUP = 'packages/coordinators/src/group/scenarios'
const TRANSACTION = 'packages/coordinators/src/transaction/scenarios'
const SCENARIOS = 'integration/differential/scenarios'
const HERE = 'integration/compatibility'

/** Of groups, transactions, logins and surroundings. */
export const GROUP_CASES: readonly Case[] = [
  {
    number: 66,
    expected: 'JoinGroup from 4 on gives a new member its id with 79, below it is in at once',
    proofs: [
      [`${HANDLERS}/11-join-group.test.ts`, 'v%i: a new member is in at once'],
      [`${HANDLERS}/11-join-group.test.ts`, 'v%i: a new member gets its id first (KIP-394)'],
    ],
  },
  {
    number: 67,
    expected: 'members that live are never unknown, however they join and leave',
    proofs: [
      [`${HERE}/join-storms.test.ts`, 'compatibility 67: … members that join and leave … times are never strangers'],
    ],
  },
  {
    number: 68,
    expected: 'followers wait for the leader’s assignment, whose bytes nobody reads',
    proofs: [[`${HANDLERS}/14-sync-group.test.ts`, 'followers wait for the leader; who is left out gets empty bytes']],
  },
  {
    number: 69,
    expected: 'while groups are loaded nobody is told that it is no member; who is expired is 25',
    proofs: [
      [
        `${GROUP}/restart.txt`,
        'While the log is being read: come again later. A heartbeat is answered as if all were well.',
      ],
      [
        `${HANDLERS}/12-heartbeat.test.ts`,
        'keeps the session alive; without it the member is gone when the session is over',
      ],
    ],
  },
  {
    number: 70,
    expected: 'session time-outs are from 6 seconds to 30 minutes, else 26',
    proofs: [[`${GROUP}/join-refused.txt`, 'An empty group id; session timeouts at the limits and one past them.']],
  },
  {
    number: 71,
    expected: 'a static member comes back without a round, keeps the lead, and fences the one before',
    proofs: [
      [`${GROUP}/static-members.txt`, 'A follower comes back without its id: a new id, the same generation, no round.'],
      [`${GROUP}/static-members.txt`, 'The old id may not join, sync, commit or leave either.'],
      [`${SCENARIOS}/classic-groups.ts`, 'JoinGroup: a static member that comes back'],
    ],
  },
  {
    number: 72,
    expected: 'a commit has an error for each partition, keeps its metadata, and is fenced by generation',
    proofs: [
      [
        `${HANDLERS}/08-offset-commit.test.ts`,
        'rows keep their places: unknown ones among known ones, a partition twice',
      ],
      [
        `${HANDLERS}/08-offset-commit.test.ts`,
        'offset.metadata.max.bytes: metadata at the limit is kept, a character more refuses that row alone',
      ],
      [
        `${HERE}/restart.test.ts`,
        'compatibility 73: after a %s each group has what it committed, and -1 for the rest alone',
      ],
      [`${HANDLERS}/08-offset-commit.test.ts`, 'members of a group: who, and of which generation'],
    ],
  },
  {
    number: 73,
    expected: 'what was committed is there after a restart, and -1 stands for nothing else than never',
    proofs: [
      [
        `${HERE}/restart.test.ts`,
        'compatibility 73: after a %s each group has what it committed, and -1 for the rest alone',
      ],
    ],
  },
  {
    number: 74,
    expected: 'offsets that may be about to change are 88 until the transaction ends',
    proofs: [
      [
        `${GROUP}/transactional-offsets.txt`,
        'Those who must not begin from an offset that may be about to change are told to wait; in the all-topics form a partition that',
      ],
    ],
  },
  {
    number: 75,
    expected: 'a restart in the middle of a round brings members to join again, and leaves nobody’s partition',
    proofs: [
      [
        `${GROUP}/restart.txt`,
        'What was not yet assigned is not known: the members of the lost round learn that their generation is none.',
      ],
    ],
  },
  {
    number: 76,
    expected:
      'ending what was never begun is 48, a forgotten id 49; producers go on after a restart and past the last epoch',
    proofs: [
      [`${SCENARIOS}/transactions.ts`, 'EndTxn: when there is nothing to end'],
      [`${TRANSACTION}/expiry.txt`, 'Nothing is known of it any more.'],
      [
        `${TRANSACTION}/init-recover.txt`,
        'With what it holds a producer keeps its id and is given the next epoch (KIP-360).',
      ],
      [`${TRANSACTION}/epochs-exhausted.txt`, 'Then another id takes over, at epoch 0.'],
    ],
  },
  {
    number: 77,
    expected: 'a client logs in again on its connection; a failed proof lets nothing through',
    proofs: [
      ['integration/kafkajs/sasl.test.ts', 'kafkajs logs in again and again while it produces, on the same connection'],
      [
        'packages/broker/src/security/sasl/sasl-listener.test.ts',
        'a failed SCRAM proof that the client takes no notice of lets nothing through, nor does PLAIN behind it',
      ],
    ],
  },
  {
    number: 78,
    expected:
      'host and network have a listener each, localhost is both its addresses, an open address is not advertised',
    proofs: [
      [
        'integration/image/image.test.ts',
        'what compose starts serves the host and the network, is healthy, and stops cleanly',
      ],
      ['packages/broker/src/listener.test.ts', 'a free port is the same on both loopback addresses'],
      ['packages/broker/src/listener-config.test.ts', '%s is refused'],
    ],
  },
]
