import { nodeId } from '@odradek/core'
import { givenServices } from '../../harness.ts'
import { TransactionFixture } from '../../transaction-fixture.ts'
import { Samples } from '../family.ts'
import { Scrape } from '../scrape.ts'
import { transactionFamily } from './transaction-families.ts'

const turn = async () => {}

async function counted(fixture: TransactionFixture, nodeIds: readonly number[]) {
  const connections = { acceptedCount: () => 0, refusedCount: 0, heldBytes: 0, countByListener: () => new Map() }
  const sources = { connections, nodeIds: nodeIds.map(nodeId), softwareVersion: '1', durability: 'device' } as const
  const samples = new Samples('odradek_transactions', turn)
  const scrape = new Scrape({ ...sources, services: givenServices(fixture.services(), []) }, turn)
  await fixture.settle(Promise.resolve(transactionFamily().collect(samples, scrape)))
  return samples.all
}

test('transactional ids by state; a state that none is in is there with 0', async () => {
  const fixture = new TransactionFixture()
  await fixture.createTopic('t')
  await fixture.add(await fixture.producer())
  for (const id of ['idle', 'idle too']) await fixture.producer(id)
  const samples = await counted(fixture, [1])
  expect(samples).toContainEqual({ labels: { state: 'Ongoing' }, value: 1 })
  expect(samples).toContainEqual({ labels: { state: 'Empty' }, value: 2 })
  expect(samples).toContainEqual({ labels: { state: 'PrepareCommit' }, value: 0 })
})

test('with several nodes each counts what it coordinates', async () => {
  const fixture = new TransactionFixture()
  await fixture.createTopic('t')
  await fixture.producer()
  const samples = await counted(fixture, [1, 2])
  expect(samples).toContainEqual({ labels: { state: 'Empty', node: 1 }, value: 1 })
  expect(samples).toContainEqual({ labels: { state: 'Empty', node: 2 }, value: 0 })
})
