/** Fetches together stay below so many times the bound; what is past it other answers have taken. */
export const UNSENT_SHARE_MAX = 2

/** Who is closed at once makes room for some more, so that not each further answer has all connections looked at. */
const ROOM_MADE_SHARE = 0.25

/** Bytes of answers that have not left the process, over all connections. Past the most that there may be, room is made at once. */
export class UnsentAnswers<Owner> {
  private readonly bytesMax: number
  private readonly keptBytesMax: number
  private readonly countAnew: () => void
  private readonly makeRoom: (keptBytesMax: number, latest: Owner) => void
  private bytes = 0

  /**
   * `countAnew` tells of what has left since it was counted last, which is not looked at for each answer; `makeRoom` ends what it takes to come down to `keptBytesMax`, but not the owner of the latest answer.
   */
  constructor(unsentBytesMax: number, countAnew: () => void, makeRoom: (keptBytesMax: number, latest: Owner) => void) {
    this.countAnew = countAnew
    this.bytesMax = UNSENT_SHARE_MAX * unsentBytesMax
    this.keptBytesMax = (UNSENT_SHARE_MAX - ROOM_MADE_SHARE) * unsentBytesMax
    this.makeRoom = makeRoom
  }

  /** An answer of `owner` was made ready. */
  added(bytes: number, owner: Owner): void {
    this.bytes += bytes
    if (this.bytes <= this.bytesMax) return
    this.countAnew()
    if (this.bytes > this.bytesMax) this.makeRoom(this.keptBytesMax, owner)
  }

  /** So much has left, or never will. */
  left(bytes: number): void {
    this.bytes -= bytes
  }
}
