import { type Clock, type NodeId, present } from '@odradek/core'
import type { BrokerSettings } from '../config/settings.ts'
import type { HostNames } from '../host-names.ts'
import type { ClientQuotas } from '../metadata/client-quota.ts'
import type { MetadataSubscriber } from '../metadata/metadata-change.ts'
import type { Quotas } from '../quotas.ts'
import { AddressQuotas } from './address-quotas.ts'
import { ConnectionRates } from './connection-rates.ts'
import { MutationQuotas } from './mutation-quotas.ts'
import { NodeQuotas } from './node-quotas.ts'

export interface QuotaOptions {
  readonly nodeIds: readonly NodeId[]
  readonly quotas: ClientQuotas
  settingsOf(node: NodeId): BrokerSettings
  readonly hostNames: HostNames
  readonly clock: Clock
}

/** All that is limited in this process. */
export interface OpenQuotas {
  of(node: NodeId): Quotas
  connectionRatesOf(node: NodeId): ConnectionRates
  /** Takes in a change of metadata. */
  readonly take: MetadataSubscriber
}

/** Each node counts for itself, as separate brokers do; changes of the metadata count together. */
export async function openQuotas(options: QuotaOptions): Promise<OpenQuotas> {
  const { nodeIds, quotas, settingsOf, hostNames, clock } = options
  const [first] = nodeIds
  const { controllerQuotaWindow } = settingsOf(present(first, 'there is at least one node'))
  const mutations = new MutationQuotas({ quotas, window: controllerQuotaWindow, clock })
  const addresses = new AddressQuotas(quotas, hostNames)
  await addresses.refresh()
  const byNode = new Map<NodeId, NodeQuotas>()
  const ratesByNode = new Map<NodeId, ConnectionRates>()
  for (const id of nodeIds) {
    const settings = settingsOf(id)
    const window = settings.quotaWindow
    byNode.set(id, new NodeQuotas({ quotas, window, mutations, clock }))
    const limits = {
      broker: () => settings.connectionCreationRates.broker,
      listener: (name: string) => settings.connectionCreationRates.listenerOf(name),
      address: (address: string) => addresses.limitOf(address),
    }
    ratesByNode.set(id, new ConnectionRates({ limits, window, clock }))
  }
  return {
    of: (node) => present(byNode.get(node), `node ${node} is one of this process`),
    connectionRatesOf: (node) => present(ratesByNode.get(node), `node ${node} is one of this process`),
    take: (change) => (change.clientQuotasChanged ? addresses.refresh() : undefined),
  }
}
