/** A result that may be there at once (memory, page cache) or come later (cold disk, shared store). */
export type Later<T> = T | Promise<T>
