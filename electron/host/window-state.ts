/** The window's place and theme from last time: read before anything heavy is loaded, hence a file of its own. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

export interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export type ThemeChoice = 'system' | 'light' | 'dark'

/** `bounds` undefined = let the system place the window. Pixels are device independent. */
export interface WindowState {
  readonly bounds: Rectangle | undefined
  readonly maximized: boolean
  readonly theme: ThemeChoice
}

export const WINDOW_SIZE = { width: 1366, height: 768, minWidth: 1024, minHeight: 640 } as const
const FRESH: WindowState = { bounds: undefined, maximized: false, theme: 'system' }

const isRectangle = (value: unknown): value is Rectangle => {
  if (typeof value !== 'object' || value === null) return false
  const { x, y, width, height } = value as Record<string, unknown>
  return [x, y, width, height].every((n) => Number.isInteger(n) && Math.abs(n as number) < 100_000)
}

/** Reads the file; a missing or damaged one gives the defaults (it holds nothing worth a warning). */
export const readWindowState = (path: string): WindowState => {
  try {
    const { bounds, maximized, theme } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
    return {
      bounds: isRectangle(bounds) ? bounds : undefined,
      maximized: maximized === true,
      theme: theme === 'light' || theme === 'dark' ? theme : 'system',
    }
  } catch {
    return FRESH
  }
}

/** Writes by rename; a full or read-only disk must not keep the window from closing. */
export const writeWindowState = (path: string, state: WindowState): void => {
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(`${path}.new`, JSON.stringify(state))
    renameSync(`${path}.new`, path)
  } catch {
    // Next time the window opens at its default place.
  }
}

/** The remembered place if enough of it is on a screen that exists now (a docked laptop's second screen is gone). */
export const placeOnScreen = (
  bounds: Rectangle | undefined,
  areas: readonly Rectangle[],
): Rectangle | { readonly width: number; readonly height: number } => {
  const { width, height, minWidth, minHeight } = WINDOW_SIZE
  if (bounds === undefined || bounds.width < minWidth || bounds.height < minHeight) return { width, height }
  const reachable = areas.some((area) => {
    const right = Math.min(bounds.x + bounds.width, area.x + area.width)
    const bottom = Math.min(bounds.y + bounds.height, area.y + area.height)
    return right - Math.max(bounds.x, area.x) >= 200 && bottom - Math.max(bounds.y, area.y) >= 100
  })
  return reachable ? bounds : { width, height }
}
