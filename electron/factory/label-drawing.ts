/** A drawing on paper: texts, frames and QR codes, in millimetres from the top left corner. Pure. */

/** One line; `widthMm` is the room that it keeps to, and the exact width where the face is monospaced. */
export interface LabelLine {
  readonly kind: 'text'
  readonly xMm: number
  readonly baselineMm: number
  readonly widthMm: number
  /** The em of the font. */
  readonly sizeMm: number
  readonly face: 'mono' | 'sans'
  readonly bold: boolean
  readonly text: string
}

/** A frame with round corners; its line is drawn inside the given box. */
export interface LabelFrame {
  readonly kind: 'frame'
  readonly xMm: number
  readonly yMm: number
  readonly widthMm: number
  readonly heightMm: number
  readonly lineMm: number
  readonly radiusMm: number
}

/** A QR code without its quiet zone, row by row from the top left. */
export interface LabelModules {
  readonly kind: 'modules'
  readonly xMm: number
  readonly yMm: number
  readonly moduleMm: number
  readonly count: number
  readonly dark: readonly boolean[]
}

export type LabelItem = LabelLine | LabelFrame | LabelModules

/** A piece of paper: one label, or a sheet of them. */
export interface LabelDrawing {
  readonly widthMm: number
  readonly heightMm: number
  readonly items: readonly LabelItem[]
}

/** Advance of a monospaced face, and how far any face reaches above and below its baseline; parts of the em. */
export const TYPE = { monoAdvance: 0.6, ascent: 0.78, descent: 0.22 } as const
/** Empty modules that ISO/IEC 18004 asks for on every side. */
export const QUIET_MODULES = 4

/** The same item elsewhere. */
export const moved = (item: LabelItem, dxMm: number, dyMm: number): LabelItem =>
  item.kind === 'text'
    ? { ...item, xMm: item.xMm + dxMm, baselineMm: item.baselineMm + dyMm }
    : { ...item, xMm: item.xMm + dxMm, yMm: item.yMm + dyMm }

/** Runs of dark modules as boxes in millimetres: one box a run, so that nothing shows between modules. */
export const darkRuns = ({ xMm, yMm, moduleMm, count, dark }: LabelModules) => {
  const runs: { xMm: number; yMm: number; widthMm: number; heightMm: number }[] = []
  for (let row = 0; row < count; row += 1) {
    for (let from = 0; from < count; from += 1) {
      let to = from
      while (to < count && dark[row * count + to]) to += 1
      if (to === from) continue
      const at = { xMm: xMm + from * moduleMm, yMm: yMm + row * moduleMm }
      runs.push({ ...at, widthMm: (to - from) * moduleMm, heightMm: moduleMm })
      from = to
    }
  }
  return runs
}
