/** Which columns of the device table fit a width: the least needed ones go first, none is ever cut. */
import type { SortKey } from './device-rows'

export interface Column {
  readonly key: SortKey
  /** Smallest useful width in px. */
  readonly min: number
  /** Share of the spare width. */
  readonly grow: number
  /** Lower goes first when space is short. */
  readonly priority: number
}

export const COLUMNS: readonly Column[] = [
  { key: 'name', min: 138, grow: 3, priority: 10 },
  { key: 'model', min: 84, grow: 1, priority: 7 },
  { key: 'phase', min: 110, grow: 1, priority: 4 },
  { key: 'group', min: 88, grow: 1.5, priority: 6 },
  { key: 'place', min: 96, grow: 1.5, priority: 1 },
  { key: 'firmware', min: 82, grow: 0.5, priority: 5 },
  { key: 'state', min: 178, grow: 1, priority: 9 },
  { key: 'health', min: 90, grow: 0.5, priority: 3.5 },
  { key: 'certificate', min: 104, grow: 0.5, priority: 2 },
  { key: 'address', min: 118, grow: 1, priority: 8 },
  { key: 'seen', min: 84, grow: 0.5, priority: 3 },
]

/** Width of the box column in px. */
export const SELECT_WIDTH = 40

interface Sized {
  readonly min: number
  readonly grow: number
  readonly priority: number
}

/** Those of `columns` that fit into `width` px beside `reserved` px, in drawing order; the two most needed always stay. */
export const fittingOf = <C extends Sized>(
  columns: readonly C[],
  width: number,
  reserved: number,
): readonly C[] => {
  const kept = new Set(columns)
  let needed = reserved + columns.reduce((sum, column) => sum + column.min, 0)
  for (const column of [...columns].sort((a, b) => a.priority - b.priority)) {
    if (needed <= width || kept.size <= 2) break
    kept.delete(column)
    needed -= column.min
  }
  return columns.filter((column) => kept.has(column))
}

/** The columns to draw in `width` px, in drawing order. Name and state are always among them. */
export const fitColumns = (width: number): readonly Column[] => fittingOf(COLUMNS, width, SELECT_WIDTH)

/** The grid-template-columns of a row. */
export const gridTemplate = (columns: readonly Column[]): string =>
  [`${SELECT_WIDTH}px`, ...columns.map(({ min, grow }) => `minmax(${min}px, ${grow}fr)`)].join(' ')
