import { CommandFailure } from './failure.ts'

const NEWLINE = 10
const CARRIAGE_RETURN = 13
/** Far past what any broker takes as one record. */
const LINE_BYTES_MAX = 64 * 1024 * 1024

/** Lines as they come: all that a chunk has completed together, so that nothing typed in waits for more. @throws CommandFailure */
export async function* inputLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Buffer[], void, void> {
  let rest: Buffer[] = []
  let restBytes = 0
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    const lines: Buffer[] = []
    let from = 0
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
      lines.push(withoutReturn(Buffer.concat([...rest, bytes.subarray(from, at)])))
      rest = []
      restBytes = 0
      from = at + 1
    }
    if (from < bytes.length) {
      rest.push(Buffer.from(bytes.subarray(from)))
      restBytes += bytes.length - from
    }
    if (restBytes > LINE_BYTES_MAX) throw new CommandFailure(`a line of more than ${LINE_BYTES_MAX} bytes came in`)
    if (lines.length > 0) yield lines
  }
  if (restBytes > 0) yield [withoutReturn(Buffer.concat(rest))]
}

const withoutReturn = (line: Buffer): Buffer => (line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line)
