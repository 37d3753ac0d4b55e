import { checkClientMetricsConfigs } from './check-client-metrics-configs.ts'
import { loadPatternEngine } from './linear-pattern.ts'

beforeAll(loadPatternEngine)

/** As a running Kafka 4.4 took or refused them. */
test.each<[string, string, 'INVALID_CONFIG' | 'INVALID_REQUEST' | null]>([
  ['interval.ms', '100', null],
  ['interval.ms', '3600000', null],
  ['interval.ms', '99', 'INVALID_REQUEST'],
  ['interval.ms', '3600001', 'INVALID_REQUEST'],
  ['interval.ms', 'x', 'INVALID_CONFIG'],
  ['metrics', 'a,b', null],
  ['metrics', '', null],
  ['metrics', 'a,a', null],
  ['metrics', ',', 'INVALID_CONFIG'],
  ['metrics', 'a,,b', 'INVALID_CONFIG'],
  ['match', '', null],
  ['match', 'client_id=', 'INVALID_CONFIG'],
  ['match', 'client_id=a=b', 'INVALID_CONFIG'],
  ['match', 'client_id=a=', null],
  ['match', 'client_id=a.*, client_software_name = kafka', null],
  ['match', 'foo=a', 'INVALID_CONFIG'],
  ['match', 'client_id=[', 'INVALID_CONFIG'],
  ['match', 'abc', 'INVALID_CONFIG'],
  ['match', 'client_id=(?=a)b', 'INVALID_CONFIG'],
  ['match', 'client_id=(a)\\1', 'INVALID_CONFIG'],
  ['match', 'client_id=((a{100}){100}){100}', 'INVALID_CONFIG'],
  ['match', 'client_id=(a+)+$', null],
  ['nosuch', '1', 'INVALID_REQUEST'],
])('%s=%s', (name, value, error) => {
  expect(checkClientMetricsConfigs(new Map([[name, value]]))?.error ?? null).toBe(error)
})
