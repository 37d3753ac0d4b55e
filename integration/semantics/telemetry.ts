import { handler, row, type Section, scenario } from './row.ts'

const ASK = '71-get-telemetry-subscriptions'
const PUSH = '72-push-telemetry'

export const telemetry: Section = {
  name: 'metrics of clients',
  rows: [
    row(
      'a new client has an id, and is asked for nothing where there is no subscription',
      scenario('GetTelemetrySubscriptions: of a new client and of one with an id'),
      handler(ASK, 'without subscriptions: an id, and nothing asked for'),
    ),
    row(
      'again too early: THROTTLING_QUOTA_EXCEEDED',
      scenario('GetTelemetrySubscriptions: again before its time'),
      handler(ASK, 'again only once the interval is over, or when the subscriptions are others'),
    ),
    row(
      'again at once after UNKNOWN_SUBSCRIPTION_ID',
      scenario('GetTelemetrySubscriptions: again, once a push has had the wrong subscription'),
    ),
    row('again at once after UNSUPPORTED_COMPRESSION_TYPE', handler(PUSH, 'the codec %i is none')),
    row(
      'a push by a reserved id: INVALID_REQUEST',
      scenario('PushTelemetry: of ids that are reserved or that nobody has'),
      handler(PUSH, 'the id %s is nobody’s'),
    ),
    row('a push after the last: INVALID_REQUEST', scenario('PushTelemetry: once, too early, and for the last time')),
    row(
      'a push too early: THROTTLING_QUOTA_EXCEEDED, but the last may come at any time',
      scenario('PushTelemetry: once, too early, and for the last time'),
      handler(
        PUSH,
        'the first push may come at once, the next after an interval, the last at any time and no other after it',
      ),
    ),
    row(
      'a push under another subscription: UNKNOWN_SUBSCRIPTION_ID',
      scenario('PushTelemetry: that nobody asked for'),
      handler(PUSH, 'under another subscription it is refused, and the client may ask again at once'),
    ),
    row('an unknown codec: UNSUPPORTED_COMPRESSION_TYPE', handler(PUSH, 'the codec %i is none')),
    row(
      'too many bytes: TELEMETRY_TOO_LARGE',
      scenario('PushTelemetry: of too many bytes, and which fault counts of several'),
      handler(PUSH, 'as large as it may be, and a byte more'),
    ),
    row('what cannot be read: INVALID_RECORD', handler(PUSH, '%s', 'no metrics'), handler(PUSH, '%s', 'a bomb')),
    row(
      'of several faults the first in the order of the checks',
      scenario('PushTelemetry: of too many bytes, and which fault counts of several'),
    ),
    row(
      'an id that the client has chosen is taken; one that has never asked: UNKNOWN_SUBSCRIPTION_ID',
      scenario('GetTelemetrySubscriptions: of an id of the client’s own, and of one that is reserved'),
      scenario('PushTelemetry: of ids that are reserved or that nobody has'),
    ),
  ],
}
