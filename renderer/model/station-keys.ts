/** Keys of the station, where the scan field always has the focus. Pure. */

export type StationKey =
  | { readonly do: 'choose'; readonly lane: number }
  | { readonly do: 'move'; readonly direction: 1 | -1 }
  | { readonly do: 'print' }
  | { readonly do: 'clear' }

interface Pressed {
  readonly key: string
  readonly code: string
  readonly altKey: boolean
  readonly ctrlKey: boolean
  readonly metaKey: boolean
}

const ARROWS: Readonly<Record<string, 1 | -1>> = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }

/** What a pressed key means; `typed` is what stands in the scan field, where left and right then move the caret. */
export const stationKey = (pressed: Pressed, typed: string): StationKey | undefined => {
  const { key, code, altKey, ctrlKey, metaKey } = pressed
  // By place, not by character: with Alt some keyboards type signs.
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1]
  if (altKey && !ctrlKey && !metaKey && digit !== undefined)
    return { do: 'choose', lane: digit === '0' ? 10 : Number(digit) }
  if ((ctrlKey || metaKey) && !altKey && key.toLowerCase() === 'p') return { do: 'print' }
  if (altKey || ctrlKey || metaKey) return undefined
  const lane = /^F([1-9]|1[0-2])$/.exec(key)?.[1]
  if (lane !== undefined) return { do: 'choose', lane: Number(lane) }
  const direction = ARROWS[key]
  if (direction !== undefined)
    return typed !== '' && (key === 'ArrowLeft' || key === 'ArrowRight')
      ? undefined
      : { do: 'move', direction }
  return key === 'Escape' ? { do: 'clear' } : undefined
}

/** A single character without a modifier: what a scanner types, wherever the focus is. Space stays with buttons. */
export const isTyped = ({ key, altKey, ctrlKey, metaKey }: Pressed): boolean =>
  key.length === 1 && key !== ' ' && !altKey && !ctrlKey && !metaKey

/** The key that chooses a lane, as it is written on its button; lanes 13–16 have none. */
export const keyOfLane = (lane: number): string | undefined => (lane <= 12 ? `F${lane}` : undefined)
