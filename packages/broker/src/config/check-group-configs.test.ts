import { checkGroupConfigs } from './check-group-configs.ts'
import { type BrokerLayers, NO_CONFIGS } from './layers.ts'

const layers: BrokerLayers = {
  dynamic: NO_CONFIGS,
  dynamicDefault: NO_CONFIGS,
  fixed: new Map([['group.consumer.max.heartbeat.interval.ms', '20000']]),
}

/** As a running Kafka 4.4 took or refused them; a bound of the broker's can be moved. */
test.each<[string, string, string | null]>([
  ['consumer.session.timeout.ms', '45000', null],
  ['consumer.session.timeout.ms', '60000', null],
  ['consumer.session.timeout.ms', '44999', 'must be at least 45000'],
  ['consumer.session.timeout.ms', '60001', 'must be at most 60000'],
  ['consumer.session.timeout.ms', 'x', 'a whole number of 32 bits'],
  ['consumer.heartbeat.interval.ms', '20000', null],
  ['consumer.heartbeat.interval.ms', '20001', 'must be at most 20000'],
  ['share.delivery.count.limit', '10', null],
  ['share.delivery.count.limit', '11', 'must be at most 10'],
  ['share.record.lock.duration.ms', '14999', 'must be at least 15000'],
  ['share.partition.max.record.locks', '4001', 'must be at most 4000'],
  ['streams.num.standby.replicas', '3', 'must be at most 2'],
  ['streams.initial.rebalance.delay.ms', '-1', 'must be at least 0'],
  ['streams.assignor.name', 'sticky', null],
  ['streams.assignor.name', 'foo', 'must be one of sticky'],
  ['share.auto.offset.reset', 'earliest', null],
  ['share.auto.offset.reset', 'by_duration:PT1H', null],
  ['share.auto.offset.reset', 'by_duration:P2DT3H4M5.5S', null],
  ['share.auto.offset.reset', 'by_duration:-PT1H', "'by_duration:' and a duration"],
  ['share.auto.offset.reset', 'by_duration:P', "'by_duration:' and a duration"],
  ['share.auto.offset.reset', 'by_duration:PT', "'by_duration:' and a duration"],
  ['share.auto.offset.reset', 'Latest', "'by_duration:' and a duration"],
  ['errors.deadletterqueue.topic.name', 'a/b', null],
  ['streams.rack.aware.assignment.tags', ' a , b ', null],
  ...[',', 'a,', ',a', 'a,,b', 'a,b,a'].map((tags): [string, string, string] => [
    'streams.rack.aware.assignment.tags',
    tags,
    'names each element once',
  ]),
  ['nosuch', '1', 'Unknown group config name: nosuch'],
])('%s=%s', (name, value, message) => {
  const problem = checkGroupConfigs(new Map([[name, value]]), layers)
  if (message === null) expect(problem).toBeNull()
  else expect(problem).toEqual({ error: 'INVALID_CONFIG', message: expect.stringContaining(message) })
})
