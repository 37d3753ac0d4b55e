import type { Documentation } from '../definition.ts'

/** What each group config does. */
export const groupDocumentation: Documentation = {
  'consumer.assignment.interval.ms': 'The shortest time between two assignments of a consumer group.',
  'consumer.assignor.offload.enable': 'Whether assignments of a consumer group are computed beside its other work.',
  'consumer.heartbeat.interval.ms': 'How often members of a consumer group are asked to send heartbeats.',
  'consumer.session.timeout.ms': 'After how long without a heartbeat a member of a consumer group is removed.',
  'errors.deadletterqueue.copy.record.enable':
    'Whether a record that a share group gives up is copied whole to the dead letter queue.',
  'errors.deadletterqueue.topic.name': 'The topic that takes records which the share group gives up; none when empty.',
  'share.assignment.interval.ms': 'The shortest time between two assignments of a share group.',
  'share.assignor.offload.enable': 'Whether assignments of a share group are computed beside its other work.',
  'share.auto.offset.reset':
    'Where a share group begins in a partition that it has not read: `latest`, `earliest` or `by_duration:…`.',
  'share.delivery.count.limit': 'How often a record is delivered to a share group before it is given up.',
  'share.heartbeat.interval.ms': 'How often members of a share group are asked to send heartbeats.',
  'share.isolation.level': 'Whether a share group reads records of transactions that are open or were aborted.',
  'share.partition.max.record.locks': 'How many records of a partition a share group may have under way.',
  'share.record.lock.duration.ms':
    'How long a record stays locked for the member of a share group that has fetched it.',
  'share.renew.acknowledge.enable': 'Whether members of a share group may renew the lock of a record.',
  'share.session.timeout.ms': 'After how long without a heartbeat a member of a share group is removed.',
  'streams.acceptable.recovery.lag': 'How far a task of a streams group may lag and still count as caught up.',
  'streams.assignment.interval.ms': 'The shortest time between two assignments of a streams group.',
  'streams.assignor.name': 'The assignor of a streams group.',
  'streams.assignor.offload.enable': 'Whether assignments of a streams group are computed beside its other work.',
  'streams.heartbeat.interval.ms': 'How often members of a streams group are asked to send heartbeats.',
  'streams.initial.rebalance.delay.ms': 'How long the first assignment of a streams group waits for more members.',
  'streams.num.standby.replicas': 'How many standby copies each task of a streams group has.',
  'streams.num.warmup.replicas': 'How many tasks of a streams group may warm up at the same time.',
  'streams.rack.aware.assignment.tags': 'Client tags by which standby tasks of a streams group are spread.',
  'streams.session.timeout.ms': 'After how long without a heartbeat a member of a streams group is removed.',
  'streams.task.offset.interval.ms': 'How often members of a streams group report the offsets of their tasks.',
}
