import { nodeId } from '@odradek/core'
import { givenServices } from '../harness.ts'
import { exposition } from './exposition.ts'
import { type Family, ROWS_PER_TURN_MAX } from './family.ts'
import { Scrape } from './scrape.ts'

function familyOf(rows: number, type: Family['type']): Family {
  return {
    ...{ name: 'odradek_rows_total', help: 'Rows.\nMany of them.', type, labels: ['row'] },
    collect: (samples) => {
      for (let row = 0; row < rows; row++) samples.add({ row }, row)
    },
  }
}

/** What is written of one family, and the turns of the event loop from its last collected row on. */
async function written(rows: number, type: Family['type'], format: 'prometheus' | 'openmetrics') {
  let turns = 0
  const turn = async () => {
    turns++
  }
  const connections = { acceptedCount: () => 0, refusedCount: 0, heldBytes: 0, countByListener: () => new Map() }
  const sources = { connections, nodeIds: [nodeId(1)], softwareVersion: '1', durability: 'device' } as const
  const scrape = new Scrape({ ...sources, services: givenServices({}, []) }, turn)
  const { text } = await exposition([familyOf(rows, type)], scrape, format, turn)
  return { lines: text.split('\n'), turns }
}

describe.each(['prometheus', 'openmetrics'] as const)('%s', (format) => {
  test.each([
    [1, 2],
    [ROWS_PER_TURN_MAX, 2],
    [ROWS_PER_TURN_MAX + 1, 3],
    [3 * ROWS_PER_TURN_MAX, 4],
  ])('%i rows are written in pieces, declared once, none left out', async (rows, turns) => {
    for (const type of ['counter', 'gauge'] as const) {
      const { lines, turns: taken } = await written(rows, type, format)
      expect(taken).toBe(turns)
      expect(lines.filter((line) => line.startsWith('# HELP'))).toHaveLength(1)
      expect(lines.filter((line) => line.startsWith('# TYPE'))).toHaveLength(1)
      const values = lines.filter((line) => line.startsWith('odradek_rows_total{'))
      expect(values).toHaveLength(rows)
      expect(values.at(-1)).toBe(`odradek_rows_total{row="${rows - 1}"} ${rows - 1}`)
    }
  })
})
