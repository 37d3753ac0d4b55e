import type { Case } from './case.ts'

const HANDLERS = 'packages/broker/src/handlers'
const SCENARIOS = 'integration/differential/scenarios'
const HERE = 'integration/compatibility'

/** Of versions and their negotiation. */
export const VERSION_CASES: readonly Case[] = [
  {
    number: 1,
    expected: 'Produce is listed from 0 on: an older librdkafka sends without compression otherwise',
    proofs: [
      [
        `${HERE}/versions.test.ts`,
        'compatibility 1: Produce is listed from 0 on, or an older librdkafka sends without compression',
      ],
      ['integration/clients', 'stored codecs'],
    ],
  },
  {
    number: 2,
    expected: 'an unknown version of ApiVersions is answered with 35 in version 0, and the connection goes on',
    proofs: [
      [
        'packages/broker/src/connection-bad-input.test.ts',
        'ApiVersions %i is answered in version 0, and the connection goes on',
      ],
    ],
  },
  {
    number: 3,
    expected: 'that answer has a list of versions, not null',
    proofs: [
      [
        'packages/broker/src/connection-bad-input.test.ts',
        'ApiVersions %i is answered in version 0, and the connection goes on',
      ],
    ],
  },
  {
    number: 4,
    expected: 'no version of ApiVersions closes the connection',
    proofs: [
      [
        'packages/broker/src/connection-bad-input.test.ts',
        'ApiVersions %i is answered in version 0, and the connection goes on',
      ],
    ],
  },
  {
    number: 5,
    expected: 'the answer to ApiVersions has response header 0 at every version',
    proofs: [
      [
        'packages/protocol/src/header.test.ts',
        'an ApiVersions response has header 0 in every version, so that any client can read it',
      ],
    ],
  },
  {
    number: 6,
    expected: 'sarama works at each version that it can be told to speak',
    proofs: [['integration/clients', 'each version']],
  },
  {
    number: 7,
    expected: 'the lowest versions stay low enough for kafkajs, which does not look at them',
    proofs: [
      [
        `${HERE}/versions.test.ts`,
        'compatibility 7: kafkajs, which does not look at the lowest version, never picks one below it',
      ],
    ],
  },
  {
    number: 8,
    expected: 'kafka-python up to 2.0 infers from the versions a broker of 2.5 or newer',
    proofs: [
      [
        `${HERE}/versions.test.ts`,
        'compatibility 8: the versions by which kafka-python 2.0 tells a broker of 2.5 or newer are served',
      ],
    ],
  },
  {
    number: 9,
    expected: 'every version that is listed can be read and written',
    proofs: [
      [`${HERE}/versions.test.ts`, 'compatibility 9: every listed version has a codec'],
      ['packages/protocol/src/vectors/vectors.test.ts', 'requests and responses'],
    ],
  },
  {
    number: 10,
    expected: 'the versions that name topics by id are there together',
    proofs: [[`${HERE}/versions.test.ts`, 'compatibility 10: the versions with topic ids are there together']],
  },
  {
    number: 11,
    expected: 'librdkafka finds a version of EndTxn that it speaks, and aborts',
    proofs: [
      ['integration/clients', 'transaction aborted'],
      [`${SCENARIOS}/transactions.ts`, 'EndTxn: aborts'],
    ],
  },
  {
    number: 12,
    expected: 'FindCoordinator answers one key, and several at once',
    proofs: [
      [`${HERE}/versions.test.ts`, 'compatibility 12: FindCoordinator is served alone and for several keys at once'],
      [`${HANDLERS}/10-find-coordinator.test.ts`, 'v%i: each key is answered, in order, a repeated one too'],
    ],
  },
  {
    number: 13,
    expected: 'a tagged field is in no version that does not have it',
    proofs: [['packages/protocol/src/vectors/vectors.test.ts', 'requests and responses']],
  },
  {
    number: 14,
    expected: 'a client software name that is none is refused with 42',
    proofs: [[`${HANDLERS}/18-api-versions.test.ts`, 'software %j version %j is an invalid request with no keys']],
  },
  {
    number: 15,
    expected: 'messages of formats 0 and 1 are taken, and given to those who read no other',
    proofs: [
      [`${HANDLERS}/00-produce.test.ts`, 'v%i: messages of format 0 become a batch'],
      [`${HANDLERS}/01-fetch.test.ts`, 'v3: plain messages begin where the client asks'],
    ],
  },
  {
    number: 16,
    expected: 'SaslHandshake is served in versions 0 and 1',
    proofs: [
      [
        'packages/broker/src/security/sasl/sasl-listener.test.ts',
        'a handshake version %s is followed by the tokens that belong to it',
      ],
      [`${HANDLERS}/17-sasl-handshake.test.ts`, 'a handshake v%i on a plaintext listener names no mechanism'],
    ],
  },
]
