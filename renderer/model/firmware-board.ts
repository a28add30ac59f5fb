/** Rows of the probation board: filtered, sorted, counted. Pure. */
import { BOARD_STATES, type BoardRow, type BoardState } from '../../electron/contract/firmware'
import { naturalKey } from './natural'

export const BOARD_FILTERS = ['all', 'working', 'probation', 'confirmed', 'bad', 'waiting'] as const
export type BoardFilter = (typeof BOARD_FILTERS)[number]

const IN_FILTER: Readonly<Record<BoardState, BoardFilter>> = {
  waiting: 'waiting',
  held: 'waiting',
  downloading: 'working',
  staged: 'working',
  switching: 'working',
  probation: 'probation',
  confirmed: 'confirmed',
  rolledBack: 'bad',
  failed: 'bad',
  stopped: 'waiting',
}

export const BOARD_SORTS = ['device', 'wave', 'runs', 'state'] as const
export type BoardSort = (typeof BOARD_SORTS)[number]

/** A row with what the window knows of its device. */
export interface Placed {
  readonly row: BoardRow
  readonly label: string
  readonly runs: string | undefined
}

export interface BoardQuery {
  readonly filter: BoardFilter
  /** Only this wave. */
  readonly wave: number | undefined
  readonly text: string
  readonly sort: BoardSort
  readonly descending: boolean
}

export const DEFAULT_BOARD: BoardQuery = {
  filter: 'all',
  wave: undefined,
  text: '',
  sort: 'wave',
  descending: false,
}

/** How many rows each filter would show, within the wave. */
export const countBoard = (
  rows: readonly BoardRow[],
  wave: number | undefined,
): Readonly<Record<BoardFilter, number>> => {
  const counts = { all: 0, working: 0, probation: 0, confirmed: 0, bad: 0, waiting: 0 }
  for (const row of rows) {
    if (wave !== undefined && row.wave !== wave) continue
    counts.all += 1
    counts[IN_FILTER[row.state]] += 1
  }
  return counts
}

const compare = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0)

const keyOf = ({ row, label, runs }: Placed, sort: BoardSort): string | number => {
  switch (sort) {
    case 'device':
      return naturalKey(label)
    case 'wave':
      return row.wave
    case 'runs':
      return naturalKey(runs ?? '')
    case 'state':
      return BOARD_STATES.indexOf(row.state)
  }
}

/** The rows to draw. Sorting by name or wave keeps every row in its place while states change. */
export const queryBoard = (rows: readonly Placed[], query: BoardQuery): readonly Placed[] => {
  const text = query.text.trim().toLowerCase()
  const way = query.descending ? -1 : 1
  return rows
    .filter(
      ({ row, label }) =>
        (query.filter === 'all' || IN_FILTER[row.state] === query.filter) &&
        (query.wave === undefined || row.wave === query.wave) &&
        (text === '' || label.toLowerCase().includes(text)),
    )
    .map((placed) => [keyOf(placed, query.sort), naturalKey(placed.label), placed] as const)
    .sort((a, b) => way * compare(a[0], b[0]) || compare(a[1], b[1]))
    .map(([, , placed]) => placed)
}
