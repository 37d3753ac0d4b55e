/** Who waits until another request may start. */
export interface RoomMember {
  /** Its next request may start, whatever the others take. */
  roomMade(): void
}

/**
 * What a row of a request takes in memory beside its bytes, about: arrays of small things make objects of many times the
 * bytes they came in.
 */
export const ELEMENT_BYTES = 256

/** A connection's only request starts always when it is no larger: small ones of all connections have room beside the others. */
export const SMALL_REQUEST_BYTES = 1024

/** Who waits with less for something to happen is left alone: there is little to be had of it. */
export const PATIENT_BYTES_MIN = 16 * 1024

/** Of requests that are read in one turn of the event loop, before others of more than a few bytes wait for the next. */
export const ELEMENTS_PER_TURN = 20_000
/** Requests with fewer take no time. */
export const COUNTED_ELEMENTS_MIN = 100

/**
 * Memory of requests that have started and are not answered yet, with the rows that were read of them, over all
 * connections. A request that is answered at once takes none. Past the limit no other starts, in the order they came,
 * but for small ones, and one a second, lest those who wait for each other do so for ever; and those that only wait for
 * something to happen are answered, the oldest first.
 */
export class RequestRoom {
  private readonly limitBytes: number
  private readonly soon: (run: () => void) => void
  private taken = 0
  private readonly waiting = new Set<RoomMember>()
  /** Ends of waits for something that need not happen, oldest first. */
  private readonly patient = new Set<() => void>()
  private isPlanned = false
  /** Of what was read in this turn. */
  private elements = 0
  private isHurryPlanned = false

  /** `soon`: in the next turn of the event loop. */
  constructor(limitBytes: number, soon: (run: () => void) => void) {
    this.limitBytes = limitBytes
    this.soon = soon
  }

  get isFull(): boolean {
    return this.taken > this.limitBytes
  }

  /** Whether others than small ones wait, be it for the next turn. */
  get isClosed(): boolean {
    return this.isFull || this.elements >= ELEMENTS_PER_TURN
  }

  /** A request of so many elements was read, and handled as far as that goes in one turn. */
  worked(elements: number): void {
    if (elements < COUNTED_ELEMENTS_MIN) return
    this.elements += elements
    this.plan()
  }

  take(bytes: number): void {
    this.taken += bytes
    if (this.isFull) this.planHurry()
  }

  /** `end` is called when others need what a request waits with. Returns its removal. */
  waitWhileThereIsRoom(end: () => void): () => void {
    this.patient.add(end)
    if (this.isFull) this.planHurry()
    return () => this.patient.delete(end)
  }

  giveBack(bytes: number): void {
    this.taken -= bytes
    if (this.waiting.size > 0 && !this.isFull) this.plan()
  }

  /** `member` is told when it has its turn. */
  wait(member: RoomMember): void {
    this.waiting.add(member)
    if (!this.isFull) this.plan()
  }

  leave(member: RoomMember): void {
    this.waiting.delete(member)
  }

  /** Called about once a second. */
  letOneIn(): void {
    const [next] = this.waiting
    if (next === undefined) return
    this.waiting.delete(next)
    next.roomMade()
  }

  /** One in each turn: many may be answered at once, and take no room. */
  private plan(): void {
    if (this.isPlanned) return
    this.isPlanned = true
    this.soon(() => {
      this.isPlanned = false
      this.elements = 0
      if (this.isFull) return
      this.letOneIn()
      if (this.waiting.size > 0) this.plan()
    })
  }

  /** One in each turn: by the next, what it had is given back. */
  private planHurry(): void {
    if (this.isHurryPlanned || this.patient.size === 0) return
    this.isHurryPlanned = true
    this.soon(() => {
      this.isHurryPlanned = false
      if (!this.isFull) return
      const [oldest] = this.patient
      if (oldest === undefined) return
      this.patient.delete(oldest)
      oldest()
      this.planHurry()
    })
  }
}
