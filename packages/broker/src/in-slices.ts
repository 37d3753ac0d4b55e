import { ROWS_PER_TURN } from './in-turns.ts'

/** How a request with very many rows is handled as several, a turn of the event loop each. */
export interface Slicing<Request, Response> {
  /** The request itself where it is not that large. */
  split(request: Request, version: number): readonly Request[]
  /** One answer of those to all slices. */
  join(responses: readonly Response[]): Response
}

export interface SlicedRows<Request, Row, Response> {
  rows(request: Request, version: number): readonly Row[]
  /** The same request for some of its rows. */
  only(request: Request, rows: readonly Row[]): Request
  /** Rows that must be seen together, since an answer may tell that they were repeated; without it none must. */
  key?(row: Row): string
  join(responses: readonly Response[]): Response
}

/** For requests whose rows know nothing of each other. */
export function inSlices<Request, Row, Response>(plan: SlicedRows<Request, Row, Response>): Slicing<Request, Response> {
  return {
    split: (request, version) => {
      const rows = plan.rows(request, version)
      return rows.length <= ROWS_PER_TURN ? [request] : slicesOf(rows, plan).map((slice) => plan.only(request, slice))
    },
    join: (responses) => plan.join(responses),
  }
}

function slicesOf<Request, Row, Response>(
  rows: readonly Row[],
  { key }: SlicedRows<Request, Row, Response>,
): readonly (readonly Row[])[] {
  if (key === undefined) {
    const count = Math.ceil(rows.length / ROWS_PER_TURN)
    return Array.from({ length: count }, (_, at) => rows.slice(at * ROWS_PER_TURN, (at + 1) * ROWS_PER_TURN))
  }
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const name = key(row)
    const known = groups.get(name)
    if (known === undefined) groups.set(name, [row])
    else known.push(row)
  }
  const slices: Row[][] = []
  let last: Row[] = []
  for (const group of groups.values()) {
    if (last.length === 0 || last.length + group.length > ROWS_PER_TURN) {
      last = []
      slices.push(last)
    }
    for (const row of group) last.push(row)
  }
  return slices
}
