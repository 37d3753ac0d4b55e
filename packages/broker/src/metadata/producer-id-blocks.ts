import type { Later, NodeId } from '@odradek/core'
import type { ProducerIds } from '../services.ts'
import { PRODUCER_ID_BLOCK_SIZE } from './metadata-controller.ts'

/** First id of a fresh block, or null when none can be had. */
export type AllocateBlock = (node: NodeId) => Promise<bigint | null>

interface Block {
  next: bigint
  readonly end: bigint
}

/** No producer id can be given out: the metadata log cannot be written. */
export class NoProducerIdError extends Error {
  override readonly name = 'NoProducerIdError'
}

/** Each node gives out ids from a block of its own, as separate brokers do. What is left of it at a stop is lost. */
export class ProducerIdBlocks implements ProducerIds {
  private readonly allocate: AllocateBlock
  private readonly blocks = new Map<NodeId, Block>()
  private readonly allocations = new Map<NodeId, Promise<Block>>()

  constructor(allocate: AllocateBlock) {
    this.allocate = allocate
  }

  /** @throws NoProducerIdError */
  next(node: NodeId): Later<bigint> {
    return this.takeFrom(this.blocks.get(node)) ?? this.nextFromNewBlock(node)
  }

  private takeFrom(block: Block | undefined): bigint | null {
    if (block === undefined || block.next >= block.end) return null
    return block.next++
  }

  /** Many may wait for the same block, even more than it has ids. */
  private async nextFromNewBlock(node: NodeId): Promise<bigint> {
    for (;;) {
      const pending = this.allocations.get(node) ?? this.newBlock(node)
      const id = this.takeFrom(await pending)
      if (id !== null) return id
    }
  }

  private newBlock(node: NodeId): Promise<Block> {
    const pending = this.allocateBlock(node).finally(() => this.allocations.delete(node))
    this.allocations.set(node, pending)
    return pending
  }

  private async allocateBlock(node: NodeId): Promise<Block> {
    const first = await this.allocate(node)
    if (first === null) throw new NoProducerIdError('no block of producer ids could be recorded')
    const block = { next: first, end: first + PRODUCER_ID_BLOCK_SIZE }
    this.blocks.set(node, block)
    return block
  }
}
