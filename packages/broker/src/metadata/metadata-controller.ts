import {
  type Clock,
  type Later,
  type Logger,
  type NodeId,
  type Offset,
  type Prng,
  present,
  randomUuid,
  type TopicId,
} from '@odradek/core'
import type { Acl, AclFilter } from '../acls/acl.ts'
import { type DeletedAcls, decideCreateAcls, decideDeleteAcls, notDeleted } from '../acls/acl-decision.ts'
import type { PartitionView } from '../cluster-view.ts'
import type { BrokerLayers } from '../config/layers.ts'
import { loadPatternEngine } from '../config/linear-pattern.ts'
import type { BrokerSettings } from '../config/settings.ts'
import {
  type CreatedToken,
  type CreateTokenCommand,
  decideCreateToken,
  decideExpireToken,
  decideRemoveExpiredTokens,
  decideRenewToken,
  type TokenContext,
  type TokenExpiry,
  type TokenExpiryCommand,
  notCreated as tokenNotCreated,
  unchanged,
} from '../delegation-tokens/delegation-token-decision.ts'
import { EXPIRED_TOKENS_PER_COMMAND_MAX } from '../delegation-tokens/delegation-token-limits.ts'
import { nextTurn } from '../in-turns.ts'
import { type MutationQuota, unlimitedMutations } from '../quotas.ts'
import { type ClientQuotaAlteration, decideAlterClientQuotas } from './alter-client-quotas-decision.ts'
import { decideAlterConfigs } from './alter-configs-decision.ts'
import { decideAlterScram, type ScramAlteration, type ScramAlterationRow } from './alter-scram-decision.ts'
import { autoCreateCommand } from './auto-created-topic.ts'
import type {
  ConfigChange,
  Controller,
  CreatePartitionsCommand,
  CreateTopicCommand,
  CreateTopicResult,
  ElectedPartition,
  ElectionCommand,
  FeatureUpdate,
  Outcome,
  QuorumView,
  ReassignedTopic,
  ReassignmentCommand,
} from './controller.ts'
import { decideCreatePartitions, refuseTooManyPartitions } from './create-partitions-decision.ts'
import {
  decideCreateTopics,
  notCreated,
  refuseTooManyTopics,
  type TopicDecisionContext,
} from './create-topics-decision.ts'
import { type Decision, decideInTurns, failed, NEW_PARTITIONS_MAX } from './decision.ts'
import { decideDeleteTopics, deletionBatches } from './delete-topics-decision.ts'
import { directoryChooser, type NodeDirectories } from './directory-choice.ts'
import { decideElectLeaders } from './elect-leaders-decision.ts'
import { remembersEligible, startedMinInSync, topicsWithEligible } from './eligible-replicas.ts'
import { ImageDraft } from './image-draft.ts'
import type { MetadataSubscriber } from './metadata-change.ts'
import type { MetadataImage } from './metadata-image.ts'
import { MetadataLogError } from './metadata-log-error.ts'
import { type MetadataRecord, producerIdsRecord } from './metadata-records.ts'
import { decideUnregister } from './node-decisions.ts'
import { settlePartitions } from './partition-plan.ts'
import { decideReassignments } from './reassign-partitions-decision.ts'
import { decideUpdateFeatures } from './update-features-decision.ts'

export interface MetadataWriter {
  /** Resolves with the offset after the batch when it is durable. @throws MetadataLogError when it never will be. */
  write(records: readonly MetadataRecord[]): Promise<Offset>
}

export interface ControllerOptions {
  readonly image: MetadataImage
  readonly log: MetadataWriter
  readonly clock: Pick<Clock, 'soon' | 'wallMs'>
  readonly prng: Prng
  readonly logger: Logger
  readonly directories: NodeDirectories
  /** Told when records are in the log and in the image. */
  recorded(): void
  quorum(): QuorumView
  /** What holds for the cluster, of no node in particular. */
  clusterSettings(): BrokerSettings
  clusterLayers(): BrokerLayers
  layersOf(node: NodeId): BrokerLayers
}

/** Producer ids that are recorded as given away at a time, as Kafka's blocks. */
export const PRODUCER_ID_BLOCK_SIZE = 1000n

const TOO_MANY_NAMES = notCreated(
  failed('POLICY_VIOLATION', `One request may make at most ${NEW_PARTITIONS_MAX} partitions`),
)

/** Decides one command after the other, writes what came of it, and makes it known before it answers. */
export class MetadataController implements Controller {
  private readonly options: ControllerOptions
  private readonly subscribers = new Set<MetadataSubscriber>()
  /** The command before the next one. Never rejects. */
  private last: Promise<unknown> = Promise.resolve()

  constructor(options: ControllerOptions) {
    this.options = options
  }

  /** Subscribers are told in the order they came. Returns the end of the subscription. */
  subscribe(subscriber: MetadataSubscriber): () => void {
    this.subscribers.add(subscriber)
    return () => {
      this.subscribers.delete(subscriber)
    }
  }

  createTopics(
    commands: readonly CreateTopicCommand[],
    validateOnly: boolean,
    quota = unlimitedMutations,
  ): Promise<readonly CreateTopicResult[]> {
    return this.run(
      () => this.decideTopics(commands, quota),
      validateOnly,
      (outcome) => commands.map(() => notCreated(outcome)),
    )
  }

  autoCreateTopics(names: readonly string[], quota = unlimitedMutations): Promise<readonly CreateTopicResult[]> {
    const { clusterLayers, image } = this.options
    return this.run(
      () => {
        // More than can be made anyhow are not even looked at.
        if (names.length > NEW_PARTITIONS_MAX) return { records: [], result: names.map(() => TOO_MANY_NAMES) }
        const layers = clusterLayers()
        const commands = names.map((name) => autoCreateCommand(name, layers, image.nodes().length))
        return this.decideTopics(commands, quota)
      },
      false,
      (outcome) => names.map(() => notCreated(outcome)),
    )
  }

  /** Very many topics go batch by batch, so that neither the image nor those who are told of it are held up by all of them. */
  async deleteTopics(ids: readonly TopicId[], quota = unlimitedMutations): Promise<readonly Outcome[]> {
    const { clock, image } = this.options
    const outcomes: Outcome[] = []
    for (const some of deletionBatches(ids, image)) {
      if (outcomes.length > 0) await nextTurn(clock)
      const decided = await this.run(
        () => decideDeleteTopics(some, image, quota),
        false,
        (outcome) => some.map(() => outcome),
      )
      for (const outcome of decided) outcomes.push(outcome)
    }
    return outcomes
  }

  createPartitions(
    commands: readonly CreatePartitionsCommand[],
    validateOnly: boolean,
    quota = unlimitedMutations,
  ): Promise<readonly Outcome[]> {
    return this.run(
      () => {
        const context = this.topicContext()
        const refusal = refuseTooManyPartitions(commands, context)
        if (refusal !== null) return { records: [], result: commands.map(() => refusal) }
        return decideInTurns(this.options.clock, commands, (some) => decideCreatePartitions(some, context, quota))
      },
      validateOnly,
      (outcome) => commands.map(() => outcome),
    )
  }

  electLeaders(command: ElectionCommand): Promise<readonly ElectedPartition[]> {
    const topics = command.topics ?? []
    return this.run(
      () => {
        const { clock, image } = this.options
        if (command.topics === null) return decideElectLeaders(command, image)
        const decided = new Set<PartitionView>()
        return decideInTurns(clock, topics, (some) => decideElectLeaders({ ...command, topics: some }, image, decided))
      },
      false,
      (outcome) =>
        topics.map(({ topic, partitions }) => ({
          topic,
          partitions: partitions.map((index) => ({ index, ...outcome })),
        })),
    )
  }

  reassignPartitions(command: ReassignmentCommand): Promise<readonly ReassignedTopic[]> {
    const { clock, directories, image } = this.options
    const begun = this.run(
      () => {
        const draft = new ImageDraft(image)
        const hasDirectory = directories.open().length > 0
        return decideInTurns(clock, command.topics, (topics) =>
          decideReassignments({ ...command, topics }, image, draft, hasDirectory),
        )
      },
      false,
      (outcome) =>
        command.topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map(({ index }) => ({ index, ...outcome })),
        })),
    )
    void this.decideLater('a move of replicas could not be completed', () =>
      settlePartitions(
        image,
        new Set(command.topics.flatMap(({ name }) => image.topic(name) ?? [])),
        (id) => image.node(id) !== undefined,
      ),
    )
    return begun
  }

  updateFeatures(updates: readonly FeatureUpdate[], validateOnly: boolean): Promise<Outcome> {
    return this.run(
      () => decideUpdateFeatures(updates, this.options.image, this.quorum().leader, this.minInSyncAtStart()),
      validateOnly,
      (outcome) => outcome,
    )
  }

  unregisterNode(id: number): Promise<Outcome> {
    return this.run(
      () => decideUnregister(id, this.options.image),
      false,
      (outcome) => outcome,
    )
  }

  quorum(): QuorumView {
    return this.options.quorum()
  }

  alterConfigs(node: NodeId, changes: readonly ConfigChange[], validateOnly: boolean): Promise<readonly Outcome[]> {
    const { image, layersOf } = this.options
    const altered = this.run(
      async () => {
        if (changes.some(({ type }) => type === 'CLIENT_METRICS')) await loadPatternEngine()
        return decideAlterConfigs(changes, { image, node, layers: layersOf(node), ...this.options.clusterSettings() })
      },
      validateOnly,
      (outcome) => changes.map(() => outcome),
    )
    if (!validateOnly && remembersEligible(image))
      void this.decideLater('eligible replicas could not be forgotten', () =>
        settlePartitions(image, topicsWithEligible(image), (id) => image.node(id) !== undefined),
      )
    return altered
  }

  createAcls(acls: readonly Acl[]): Promise<readonly Outcome[]> {
    const { clock, image, prng } = this.options
    return this.run(
      () => decideCreateAcls(acls, image.acls, clock, () => randomUuid(prng), this.options.clusterSettings().aclsMax),
      false,
      (outcome) => acls.map(() => outcome),
    )
  }

  deleteAcls(filters: readonly AclFilter[]): Promise<readonly DeletedAcls[]> {
    return this.run(
      () => decideDeleteAcls(filters, this.options.image.acls, this.options.clock),
      false,
      (outcome) => filters.map(() => notDeleted(outcome)),
    )
  }

  alterScramCredentials(alteration: ScramAlteration): Promise<readonly ScramAlterationRow[]> {
    return this.run(
      () => decideAlterScram(alteration, this.options.image.scramCredentials),
      false,
      (outcome) => {
        const names = [...alteration.deletions, ...alteration.upsertions].map(({ name }) => name)
        return [...new Set(names)].map((user) => ({ user, ...outcome }))
      },
    )
  }

  alterClientQuotas(alterations: readonly ClientQuotaAlteration[], validateOnly: boolean): Promise<readonly Outcome[]> {
    return this.run(
      () =>
        decideAlterClientQuotas(
          alterations,
          this.options.image.clientQuotas,
          this.options.clusterSettings().clientQuotasMax,
        ),
      validateOnly,
      (outcome) => alterations.map(() => outcome),
    )
  }

  createDelegationToken(command: CreateTokenCommand): Promise<CreatedToken> {
    const { prng } = this.options
    return this.run(
      () => decideCreateToken(command, { ...this.tokenContext(), randomId: () => randomUuid(prng) }),
      false,
      tokenNotCreated,
    )
  }

  renewDelegationToken(command: TokenExpiryCommand): Promise<TokenExpiry> {
    return this.run(() => decideRenewToken(command, this.tokenContext()), false, unchanged)
  }

  expireDelegationToken(command: TokenExpiryCommand): Promise<TokenExpiry> {
    return this.run(() => decideExpireToken(command, this.tokenContext()), false, unchanged)
  }

  /** Other commands come between, when there are many. @throws MetadataLogError */
  async removeExpiredTokens(): Promise<void> {
    let removed = 0
    do {
      await this.commitDecided(() => {
        const { tokens, nowMs } = this.tokenContext()
        const records = decideRemoveExpiredTokens(tokens, nowMs)
        removed = records.length
        return records
      })
    } while (removed === EXPIRED_TOKENS_PER_COMMAND_MAX)
  }

  /** First id of a new block of `PRODUCER_ID_BLOCK_SIZE`, recorded as given away; null when that could not be recorded. */
  allocateProducerIds(node: NodeId): Promise<bigint | null> {
    const { image } = this.options
    return this.run<bigint | null>(
      () => {
        const first = image.nextProducerId
        const { epoch } = present(image.registered(node), 'a node that gives ids away is registered')
        return { records: [producerIdsRecord(node, epoch, first + PRODUCER_ID_BLOCK_SIZE)], result: first }
      },
      false,
      () => null,
    )
  }

  /** Writes records that were decided elsewhere, in the same order as all others. @throws MetadataLogError */
  commit(records: readonly MetadataRecord[]): Promise<void> {
    return this.inOrder(() => this.take(records))
  }

  /** As `commit`, of what `decide` says when its turn has come. @throws MetadataLogError */
  commitDecided(decide: () => readonly MetadataRecord[]): Promise<void> {
    return this.inOrder(async () => {
      const records = decide()
      if (records.length > 0) await this.take(records)
    })
  }

  /** What the log writes of its own, in its turn among all commands: `write` gives the offset after it, or null. @throws MetadataLogError */
  writeBetween(write: () => Promise<Offset> | null): Promise<void> {
    return this.inOrder(async () => {
      const endOffset = await write()
      if (endOffset !== null) this.options.image.apply([], endOffset)
    })
  }

  /** As `commitDecided`, of what nobody waits for: when it fails, `failure` is logged. */
  async decideLater(failure: string, decide: () => readonly MetadataRecord[]): Promise<void> {
    await this.commitDecided(decide).catch((error: unknown) => {
      if (!(error instanceof MetadataLogError)) throw error
      this.options.logger.error(failure, { error: error.message })
    })
  }

  /** Resolves when all commands that were given so far are done. */
  async idle(): Promise<void> {
    await this.last
  }

  private run<Result>(
    decide: () => Later<Decision<Result>>,
    validateOnly: boolean,
    onFailure: (outcome: Outcome) => Result,
  ): Promise<Result> {
    return this.inOrder(async () => {
      const { records, result } = await decide()
      if (records.length === 0) return result
      const tooMuch = this.textProblem(records)
      if (tooMuch !== null) return onFailure(tooMuch)
      if (validateOnly) return result
      try {
        await this.take(records)
        return result
      } catch (error) {
        if (!(error instanceof MetadataLogError)) throw error
        this.options.logger.error('a change of metadata could not be recorded', { error: error.message })
        return onFailure(failed('KAFKA_STORAGE_ERROR', error.message))
      }
    })
  }

  private inOrder<Result>(task: () => Promise<Result>): Promise<Result> {
    const done = this.last.then(task)
    this.last = done.catch(() => {})
    return done
  }

  /** Names and configs may be as long as the protocol lets them, but not all of them together. */
  private textProblem(records: readonly MetadataRecord[]): Outcome | null {
    const { clusterSettings, image } = this.options
    const { metadataTextBytesMax } = clusterSettings()
    // Records are never smaller than the texts in them: most need not be looked into.
    const roomBytes = metadataTextBytesMax - image.textBytes
    if (records.reduce((sum, record) => sum + record.byteLength, 0) <= roomBytes) return null
    const addedBytes = image.addedTextBytes(records)
    if (addedBytes <= Math.max(0, roomBytes)) return null
    return failed(
      'POLICY_VIOLATION',
      `All names and configs together may have ${metadataTextBytesMax} bytes (odradek.max.metadata.text.bytes); there are ${image.textBytes}, and this would add ${addedBytes}`,
    )
  }

  /** Durable first, then visible, then acted upon, then answered. */
  private async take(records: readonly MetadataRecord[]): Promise<void> {
    const endOffset = await this.options.log.write(records)
    const change = this.options.image.apply(records, endOffset)
    this.options.recorded()
    for (const subscriber of this.subscribers) await subscriber(change)
  }

  private tokenContext(): TokenContext {
    const { image, clock, clusterSettings } = this.options
    const settings = clusterSettings()
    return {
      maxLifetimeMs: settings.delegationTokenMaxLifetimeMs,
      expiryTimeMs: settings.delegationTokenExpiryTimeMs,
      tokensMax: settings.delegationTokensMax,
      tokensPerRequesterMax: settings.delegationTokensPerRequesterMax,
      nameBytesMax: settings.delegationTokenBytesMax,
      tokens: image.delegationTokens,
      nowMs: BigInt(Math.trunc(clock.wallMs())),
    }
  }

  private decideTopics(
    commands: readonly CreateTopicCommand[],
    quota: MutationQuota,
  ): Later<Decision<readonly CreateTopicResult[]>> {
    const context = this.topicContext()
    const refusal = refuseTooManyTopics(commands, context)
    if (refusal !== null) return { records: [], result: commands.map(() => refusal) }
    return decideInTurns(this.options.clock, commands, (some) => decideCreateTopics(some, context, quota))
  }

  private minInSyncAtStart(): string {
    return startedMinInSync(this.options.clusterLayers())
  }

  private topicContext(): TopicDecisionContext {
    const { image, clusterSettings, clusterLayers, prng, directories } = this.options
    const chooseDirectory = directoryChooser(directories, image)
    const made = { topics: 0, partitions: 0 }
    return { image, settings: clusterSettings(), layers: clusterLayers(), prng, chooseDirectory, made }
  }
}
