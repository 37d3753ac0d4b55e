import { buildBrokerSettings } from './build-broker-settings.ts'
import { hasEffect } from './effective-keys.ts'
import type { BrokerLayers } from './layers.ts'

const settings = (dynamic: Record<string, string>, fixed: Record<string, string> = {}) => {
  const layers: BrokerLayers = {
    dynamic: new Map(Object.entries(dynamic)),
    dynamicDefault: new Map(),
    fixed: new Map(Object.entries(fixed)),
  }
  return buildBrokerSettings(layers, 0)
}

test('without the key, or at its default, connections come in without limit', () => {
  for (const each of [settings({}), settings({ 'max.connection.creation.rate': '2147483647' })]) {
    const { broker, listenerOf } = each.connectionCreationRates
    expect([broker, listenerOf('PLAINTEXT')]).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY])
  }
})

test('the broker has its rate, and each listener its own beside it', () => {
  const { connectionCreationRates: rates } = settings(
    { 'listener.name.external.max.connection.creation.rate': '5' },
    { 'max.connection.creation.rate': '100', 'listener.name.external.max.connection.creation.rate': '9' },
  )
  expect([rates.broker, rates.listenerOf('EXTERNAL'), rates.listenerOf('PLAINTEXT')]).toEqual([
    100,
    5,
    Number.POSITIVE_INFINITY,
  ])
})

test('the windows of quotas are Kafka’s unless they are set', () => {
  expect(settings({})).toMatchObject({
    quotaWindow: { samples: 11, sampleMs: 1000 },
    controllerQuotaWindow: { samples: 11, sampleMs: 1000 },
  })
  const given = { 'quota.window.num': '5', 'controller.quota.window.size.seconds': '2' }
  expect(settings({}, given)).toMatchObject({
    quotaWindow: { samples: 5, sampleMs: 1000 },
    controllerQuotaWindow: { samples: 11, sampleMs: 2000 },
  })
})

test('nobody is told that these keys have no effect', () => {
  const keys = [
    'quota.window.num',
    'max.connection.creation.rate',
    'listener.name.external.max.connection.creation.rate',
  ]
  expect(keys.map(hasEffect)).toEqual([true, true, true])
  expect(hasEffect('client.quota.callback.class')).toBe(false)
})
