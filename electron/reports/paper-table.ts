/** A table over as many pages as it takes, with its head on each. */
import {
  COLUMN,
  type Element,
  INK,
  type InkName,
  PAGE,
  type Paper,
  type SignName,
  type TextStyle,
} from './paper'

export interface TableColumn {
  readonly head: string
  /** Share of the column that all widths together fill. */
  readonly share: number
}

export interface TableCell {
  readonly text: string
  /** Smaller and paler, under the text. */
  readonly sub?: string | undefined
  readonly sign?: readonly [name: SignName, ink: InkName] | undefined
  readonly bold?: boolean
}

const MAIN: TextStyle = { size: 8 }
const SUB: TextStyle = { size: 6.5, ink: 'mute' }
const HEAD: TextStyle = { size: 7.5, face: 'bold', ink: 'mute' }
const LEADING = 1.28
const GAP = 7
const PAD = 4
const SIGN = 8
const MAIN_LINES = 6
const SUB_LINES = 3

interface LaidCell extends TableCell {
  readonly x: number
  readonly width: number
  readonly main: readonly string[]
  readonly under: readonly string[]
}

/** Draws the table; a turn of the event loop now and then keeps the program answering. */
export const drawTable = async (
  paper: Paper,
  columns: readonly TableColumn[],
  rows: Iterable<readonly TableCell[]>,
): Promise<void> => {
  const places = placesOf(columns)
  const table = paper.element('Table')
  let count = 0
  let headOn = -1
  for (const row of rows) {
    const laid = row.map((cell, i) => layCell(paper, cell, places[i] ?? { x: 0, width: 0 }))
    const height = heightOf(laid)
    if (paper.room < height + (headOn < 0 ? 30 : 0)) paper.newPage()
    const page = paper.pages
    if (headOn !== page) {
      drawHead(paper, table, columns, places, headOn >= 0)
      headOn = page
    }
    drawRow(paper, table, laid, height)
    count += 1
    if (count % 5 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  table.end()
  paper.y += 12
}

const placesOf = (columns: readonly TableColumn[]) => {
  const all = columns.reduce((sum, { share }) => sum + share, 0)
  let x = PAGE.side
  return columns.map(({ share }) => {
    const width = (COLUMN * share) / all
    const place = { x, width: width - GAP }
    x += width
    return place
  })
}

const layCell = (
  paper: Paper,
  cell: TableCell,
  { x, width }: { readonly x: number; readonly width: number },
): LaidCell => {
  const indent = cell.sign ? SIGN + 3 : 0
  const style: TextStyle = cell.bold ? { ...MAIN, face: 'bold' } : MAIN
  return {
    ...cell,
    x: x + indent,
    width: width - indent,
    main: paper.lines(cell.text, width - indent, style, MAIN_LINES),
    under: cell.sub ? paper.lines(cell.sub, width - indent, SUB, SUB_LINES) : [],
  }
}

const heightOf = (cells: readonly LaidCell[]): number =>
  Math.max(...cells.map(({ main, under }) => (main.length * MAIN.size + under.length * SUB.size) * LEADING)) +
  2 * PAD

const drawHead = (
  paper: Paper,
  table: Element,
  columns: readonly TableColumn[],
  places: readonly { readonly x: number; readonly width: number }[],
  again: boolean,
): void => {
  const laid = columns.map(({ head }, i) => paper.lines(head, places[i]?.width ?? 0, HEAD, 2))
  const height = Math.max(...laid.map((lines) => lines.length)) * HEAD.size * LEADING + 2 * PAD
  paper.decorate(() => {
    paper.document.rect(PAGE.side - 4, paper.y, COLUMN + 8, height).fill(INK.soft)
  })
  // The head is read out once; on later pages it is there for the eye.
  const at = paper.y + PAD
  const put = (i: number): void => void paper.put(laid[i] ?? [], { x: places[i]?.x ?? 0, y: at }, HEAD)
  if (again) {
    paper.decorate(() => {
      for (const i of columns.keys()) put(i)
    })
  } else {
    const row = paper.element('TR', table)
    for (const i of columns.keys()) {
      const cell = paper.element('TH', row)
      paper.draw(cell, () => put(i))
    }
    row.end()
  }
  paper.y += height
}

const drawRow = (paper: Paper, table: Element, cells: readonly LaidCell[], height: number): void => {
  const top = paper.y + PAD
  const row = paper.element('TR', table)
  for (const cell of cells) {
    if (cell.sign) paper.sign(cell.sign[0], cell.x - SIGN - 3, top - 0.5, SIGN, cell.sign[1])
    const element = paper.element('TD', row)
    paper.draw(element, () => {
      const style: TextStyle = cell.bold ? { ...MAIN, face: 'bold' } : MAIN
      const used = paper.put(cell.main, { x: cell.x, y: top }, style)
      if (cell.under.length > 0) paper.put(cell.under, { x: cell.x, y: top + used }, SUB)
    })
  }
  row.end()
  paper.y += height
  paper.line(PAGE.side - 4, paper.y, COLUMN + 8)
}
