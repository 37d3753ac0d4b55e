import { assert, type NodeId, type Offset, offset, type TopicId } from '@odradek/core'
import { AclTable } from '../acls/acl-table.ts'
import type { ClusterView, NodeView, RegisteredNodeView, TopicView } from '../cluster-view.ts'
import { type ConfigMap, NO_CONFIGS } from '../config/layers.ts'
import { DelegationTokenTable } from '../delegation-tokens/delegation-token-table.ts'
import type { TokenSecret } from '../delegation-tokens/token-secret.ts'
import { ScramCredentialTable } from '../security/scram-credentials.ts'
import { ClientQuotaTable } from './client-quota-table.ts'
import type { ConfigResourceType } from './controller.ts'
import { type DraftBase, type DraftConfigs, ImageDraft, resourceKey } from './image-draft.ts'
import { addedTextBytes, configTextBytes } from './kept-text.ts'
import type { MetadataChange } from './metadata-change.ts'
import type { MetadataRecord } from './metadata-records.ts'
import type { PlacementNodes } from './placement.ts'
import type { RegisteredNode } from './registered-node.ts'
import { collisionKey } from './topic-name.ts'

/**
 * All that the metadata log says, replayed batch by batch. What it hands out is never changed afterwards, only replaced.
 */
export class MetadataImage implements ClusterView, DraftBase {
  readonly clusterId: string
  readonly acls = new AclTable()
  readonly scramCredentials = new ScramCredentialTable()
  readonly clientQuotas = new ClientQuotaTable()
  readonly delegationTokens: DelegationTokenTable
  private readonly topicsById = new Map<TopicId, TopicView>()
  private readonly topicsByName = new Map<string, TopicView>()
  /** Of names with a "." or "_" only. */
  private readonly namesByCollisionKey = new Map<string, Set<string>>()
  private readonly registeredById = new Map<NodeId, RegisteredNode>()
  private readonly configs = new Map<string, DraftConfigs>()
  private featureLevels: ReadonlyMap<string, number> = new Map()
  private living: readonly NodeView[] = []
  private livingById: ReadonlyMap<NodeId, NodeView> = new Map()
  private nextId = 0n
  private configsTextBytes = 0
  /** Of all topics. */
  private partitions = 0
  private end: Offset = offset(0)

  /** Without a secret there is nothing that tokens could be found by, but they are kept. */
  constructor(clusterId: string, tokenSecret: TokenSecret | null = null) {
    this.clusterId = clusterId
    this.delegationTokens = new DelegationTokenTable(tokenSecret)
  }

  /** Offset after the last record that is in. */
  get endOffset(): Offset {
    return this.end
  }

  /** First producer id that was never given away. */
  get nextProducerId(): bigint {
    return this.nextId
  }

  nodes(): readonly NodeView[] {
    return this.living
  }

  node(id: NodeId): NodeView | undefined {
    return this.livingById.get(id)
  }

  registeredNodes(): readonly RegisteredNodeView[] {
    return Array.from(this.registeredById.values(), ({ view, isFenced }) => ({ node: view, isFenced })).sort(
      (a, b) => a.node.id - b.node.id,
    )
  }

  topic(name: string): TopicView | undefined {
    return this.topicsByName.get(name)
  }

  topicById(id: TopicId): TopicView | undefined {
    return this.topicsById.get(id)
  }

  topics(): Iterable<TopicView> {
    return this.topicsById.values()
  }

  features(): { readonly epoch: bigint; readonly levels: ReadonlyMap<string, number> } {
    return { epoch: BigInt(this.end) - 1n, levels: this.featureLevels }
  }

  get topicsCount(): number {
    return this.topicsById.size
  }

  get partitionsCount(): number {
    return this.partitions
  }

  /** For new replicas: who is down gets some only when there are not enough others. */
  placementNodes(): PlacementNodes {
    const down = Array.from(this.registeredById.values()).filter(({ isFenced }) => isFenced)
    return { up: this.living, down: down.map(({ view }) => view) }
  }

  registered(id: NodeId): RegisteredNode | undefined {
    return this.registeredById.get(id)
  }

  allRegistered(): Iterable<RegisteredNode> {
    return this.registeredById.values()
  }

  /** A resource's own configs; for BROKER the name is the id, or empty for the whole cluster. */
  configsOf(type: ConfigResourceType, name: string): ConfigMap {
    return this.configs.get(resourceKey(type, name))?.configs ?? NO_CONFIGS
  }

  /** Names of the resources of a kind that have configs of their own. */
  configured(type: ConfigResourceType): readonly string[] {
    const prefix = resourceKey(type, '')
    return Array.from(this.configs.keys()).flatMap((key) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : []))
  }

  /** Of all resources that have some. */
  allConfigs(): readonly DraftConfigs[] {
    return Array.from(this.configs.values())
  }

  /** Of all names and values that clients make up as they like. */
  get textBytes(): number {
    return this.configsTextBytes + this.acls.textBytes + this.clientQuotas.textBytes + this.scramCredentials.textBytes
  }

  /** What these records, which are not in yet, would add to that. */
  addedTextBytes(records: readonly MetadataRecord[]): number {
    const draft = new ImageDraft(this)
    for (const record of records) draft.replay(record)
    return addedTextBytes(draft, this)
  }

  /** A topic that `name` could not stand beside, itself excepted. */
  collidesWith(name: string): string | null {
    for (const other of this.namesByCollisionKey.get(collisionKey(name)) ?? []) if (other !== name) return other
    return null
  }

  /**
   * Takes one atomic batch in; `endOffset` is the offset after it.
   * @throws UnknownMetadataError, and then nothing has changed.
   */
  apply(records: readonly MetadataRecord[], endOffset: Offset): MetadataChange {
    assert(endOffset >= this.end, `the metadata log goes on at ${this.end}, not at ${endOffset}`)
    const draft = new ImageDraft(this)
    for (const record of records) draft.replay(record)
    const topics = this.takeTopics(draft)
    const created = new Set(topics.topicsCreated.map(({ name }) => name))
    const topicConfigsChanged = this.takeConfigs(draft.configs.values()).filter((name) => !created.has(name))
    this.takeNodes(draft)
    this.takeFeatureLevels(draft.featureLevels)
    this.acls.take(draft.acls)
    this.scramCredentials.take(draft.scram)
    this.delegationTokens.take(draft.delegationTokens)
    if (draft.nextProducerId !== null) this.nextId = draft.nextProducerId
    this.end = endOffset
    return {
      endOffset,
      ...topics,
      topicConfigsChanged,
      brokerConfigsChanged: Array.from(draft.configs.values()).some(({ type }) => type === 'BROKER'),
      nodesChanged: draft.nodes.size > 0,
      clientQuotasChanged: this.clientQuotas.take(draft.clientQuotas),
    }
  }

  private takeTopics(draft: ImageDraft): Pick<MetadataChange, 'topicsCreated' | 'topicsDeleted' | 'topicsChanged'> {
    const topicsCreated: TopicView[] = []
    const topicsDeleted: TopicView[] = []
    const topicsChanged: { before: TopicView; after: TopicView }[] = []
    for (const [id, topic] of draft.topics) {
      const before = this.topicsById.get(id)
      const after = topic?.view()
      if (after !== undefined && before === undefined) topicsCreated.push(after)
      if (after === undefined && before !== undefined) topicsDeleted.push(before)
      if (after !== undefined && before !== undefined) topicsChanged.push({ before, after })
    }
    for (const topic of topicsDeleted) this.forget(topic)
    for (const topic of topicsCreated) this.learn(topic)
    for (const { after } of topicsChanged) this.learn(after)
    return { topicsCreated, topicsDeleted, topicsChanged }
  }

  private learn(topic: TopicView): void {
    const known = this.topicsByName.get(topic.name)
    this.partitions += topic.partitions.length - (known?.partitions.length ?? 0)
    assert(known === undefined || known.id === topic.id, `two topics are named ${topic.name}`)
    this.topicsById.set(topic.id, topic)
    this.topicsByName.set(topic.name, topic)
    if (!/[._]/.test(topic.name)) return
    const key = collisionKey(topic.name)
    const names = this.namesByCollisionKey.get(key) ?? new Set()
    this.namesByCollisionKey.set(key, names.add(topic.name))
  }

  private forget(topic: TopicView): void {
    this.topicsById.delete(topic.id)
    this.partitions -= topic.partitions.length
    this.topicsByName.delete(topic.name)
    const key = collisionKey(topic.name)
    const names = this.namesByCollisionKey.get(key)
    names?.delete(topic.name)
    if (names?.size === 0) this.namesByCollisionKey.delete(key)
  }

  /** Names of the topics whose configs changed. */
  private takeConfigs(changed: Iterable<DraftConfigs>): readonly string[] {
    const names: string[] = []
    for (const resource of changed) {
      const { type, name, configs } = resource
      const key = resourceKey(type, name)
      this.configsTextBytes += configTextBytes(resource)
      this.configsTextBytes -= configTextBytes({ name, configs: this.configsOf(type, name) })
      if (configs.size === 0) this.configs.delete(key)
      else this.configs.set(key, resource)
      if (type === 'TOPIC' && this.topicsByName.has(name)) names.push(name)
    }
    return names
  }

  private takeFeatureLevels(changed: ReadonlyMap<string, number>): void {
    if (changed.size === 0) return
    const levels = new Map([...this.featureLevels, ...changed])
    // Level 0 is the same as not being finalized at all.
    this.featureLevels = new Map([...levels].filter(([, level]) => level > 0))
  }

  private takeNodes(draft: ImageDraft): void {
    if (draft.nodes.size === 0) return
    for (const [id, node] of draft.nodes) {
      if (node === null) this.registeredById.delete(id)
      else this.registeredById.set(id, node)
    }
    this.living = Array.from(this.registeredById.values())
      .filter(({ isFenced }) => !isFenced)
      .map(({ view }) => view)
      .sort((a, b) => a.id - b.id)
    this.livingById = new Map(this.living.map((view) => [view.id, view]))
  }
}
