import { present } from '@odradek/core'
import { stringBytesMax } from '@odradek/protocol/wire'
import { brokerConfigs } from './broker-configs.ts'
import type { ConfigDefinition } from './definition.ts'
import { clientMetricsConfigs } from './definitions/client-metrics-configs.ts'
import { groupConfigs } from './definitions/group-configs.ts'
import { topicConfigs } from './definitions/topic-configs.ts'
import { configText, parseConfigValue } from './parse-value.ts'

/** Far more than is needed; a text that is looked at again and again takes seconds. */
const HOLD_UP_MS_MAX = 200

function topicText(name: string, text: string): string {
  const definition = present(topicConfigs.get(name), name)
  const parsed = parseConfigValue(definition, text)
  return parsed.ok ? configText(definition.type, parsed.value) : parsed.problem
}

/** As a running Kafka 4.4 took or refused them, and how DescribeConfigs shows them then. */
test.each([
  ['retention.ms', ' 5000 ', '5000'],
  ['retention.ms', '+5', '5'],
  ['retention.ms', '9223372036854775807', '9223372036854775807'],
  ['preallocate', 'TRUE', 'true'],
  ['compression.type', ' gzip ', 'gzip'],
  ['cleanup.policy', '', ''],
  ['cleanup.policy', ' compact , delete', 'compact,delete'],
  ['cleanup.policy', 'compact,compact', 'compact'],
  ['min.cleanable.dirty.ratio', '1', '1.0'],
  ['min.cleanable.dirty.ratio', '0.0001', '1.0E-4'],
  ['min.cleanable.dirty.ratio', '.25f', '0.25'],
  ['min.cleanable.dirty.ratio', '0', '0.0'],
  ['min.cleanable.dirty.ratio', 'NaN', 'NaN'],
  ['leader.replication.throttled.replicas', '0:1,1:2', '0:1,1:2'],
  ['leader.replication.throttled.replicas', '0:1,0:1', '0:1,0:1'],
  ['leader.replication.throttled.replicas', '*', '*'],
  ['retention.ms', '\u00015', '5'],
  ['min.cleanable.dirty.ratio', '1.', '1.0'],
  ['leader.replication.throttled.replicas', '0:1,', '0:1,'],
  ['retention.bytes', '-5', '-5'],
])('%s=%s is shown as %s', (name, text, shown) => {
  expect(topicText(name, text)).toBe(shown)
})

test.each([
  ['retention.ms', '-2', 'at least -1'],
  ['retention.ms', 'abc', 'a whole number of 64 bits'],
  ['retention.ms', '', 'a whole number of 64 bits'],
  ['retention.ms', '7\u00a0', 'a whole number of 64 bits'],
  ['retention.ms', '1.5', 'a whole number of 64 bits'],
  ['retention.ms', '0x10', 'a whole number of 64 bits'],
  ['retention.ms', '9223372036854775808', 'a whole number of 64 bits'],
  ['segment.bytes', '2147483648', 'a whole number of 32 bits'],
  ['segment.bytes', '1048575', 'at least 1048576'],
  ['preallocate', 'yes', 'true or false'],
  ['compression.type', 'GZIP', 'one of uncompressed, zstd, lz4, snappy, gzip, producer'],
  ['compression.type', 'none', 'one of uncompressed, zstd, lz4, snappy, gzip, producer'],
  ['compression.gzip.level', '0', 'from 1 to 9, or -1'],
  ['compression.gzip.level', '10', 'from 1 to 9, or -1'],
  ['compression.zstd.level', '23', 'from -131072 to 22'],
  ['min.cleanable.dirty.ratio', '1.5', 'from 0 to 1'],
  ['min.cleanable.dirty.ratio', 'half', 'a number'],
  ['cleanup.policy', 'Compact', 'a list of compact, delete'],
  ['cleanup.policy', 'compact,', 'a list of compact, delete'],
  ['message.timestamp.type', 'createTime', 'one of CreateTime, LogAppendTime'],
  ['leader.replication.throttled.replicas', 'foo', "'*' or a list of PARTITION:BROKER"],
])('%s=%s is refused: it must be %s', (name, text, allowed) => {
  expect(topicText(name, text)).toBe(`Invalid value ${text} for configuration ${name}: must be ${allowed}`)
})

test.each<[string, string]>([
  ['min.cleanable.dirty.ratio', `${'1'.repeat(stringBytesMax - 1)}x`],
  ['min.cleanable.dirty.ratio', `1.${'1'.repeat(stringBytesMax - 3)}x`],
  ['retention.ms', `${'1'.repeat(stringBytesMax - 1)}x`],
  ['retention.ms', `7${' '.repeat(stringBytesMax - 2)}x`],
  ['cleanup.policy', `${','.repeat(stringBytesMax - 1)}x`],
  ['leader.replication.throttled.replicas', `${'1'.repeat(stringBytesMax - 1)}x`],
])('%s: the longest text that is none is refused without holding up anybody', (name, text) => {
  const before = process.cpuUsage()
  expect(topicText(name, text)).toContain('Invalid value')
  const { user } = process.cpuUsage(before)
  expect(user / 1000).toBeLessThan(HOLD_UP_MS_MAX)
})

test('what a secret should have been is not told', () => {
  const definition: ConfigDefinition = {
    ...present(brokerConfigs.get('ssl.key.password'), 'there'),
    rule: { allowed: 'long', accepts: () => false },
  }
  expect(parseConfigValue(definition, 'hunter2')).toEqual({
    ok: false,
    problem: expect.not.stringContaining('hunter2'),
  })
})

describe('the tables', () => {
  const all: readonly ConfigDefinition[] = [
    ...brokerConfigs.values(),
    ...topicConfigs.values(),
    ...groupConfigs.values(),
    ...clientMetricsConfigs.values(),
  ]

  test('every default is a value that its own key allows, in the form it is shown in', () => {
    const bad = all.filter((definition) => {
      if (definition.defaultText === null) return false
      const parsed = parseConfigValue(definition, definition.defaultText)
      return !parsed.ok || configText(definition.type, parsed.value) !== definition.defaultText
    })
    expect(bad.map(({ name }) => name)).toEqual([])
  })

  test('Kafka 4.4’s keys are all there', () => {
    const kafkas = Array.from(brokerConfigs.keys()).filter((name) => !name.startsWith('odradek.'))
    expect([kafkas.length, topicConfigs.size, groupConfigs.size, clientMetricsConfigs.size]).toEqual([382, 38, 27, 3])
  })

  test('the broker keys that topics and groups take their defaults from exist and say the same', () => {
    for (const { name, type, defaultText, brokerKeys } of topicConfigs.values()) {
      const [first] = brokerKeys.map((key) => present(brokerConfigs.get(key), `${name} names ${key}`))
      if (first !== undefined)
        expect([name, first.type, first.defaultText ?? defaultText]).toEqual([name, type, defaultText])
    }
    for (const { name, type, brokerKey } of groupConfigs.values()) {
      if (brokerKey === null || name === 'streams.assignor.name') continue
      expect([name, brokerConfigs.get(brokerKey)?.type]).toEqual([name, type])
    }
  })
})
