import { type RefObject, useEffect, useRef } from 'react'
import { isTyped } from '../../model/station-keys'

const modalOpen = (): boolean => document.querySelector('[aria-modal="true"]') !== null

/** A closing dialog gives the focus back to what opened it a moment later; the field takes it after that. */
const AFTER_DIALOG_MS = 60
/** A window that was left for longer than this was left by a person. */
const AWAY_MS = 200

/**
 * Keeps the focus in the scan field: after every click, after a dialog, when the window comes back, and as soon as
 * something is typed elsewhere. Tab still leaves it, so that the keyboard alone reaches all.
 */
export const useScanField = (resting: boolean): RefObject<HTMLInputElement | null> => {
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (resting) return
    const focus = () => {
      if (!modalOpen()) field.current?.focus({ preventScroll: true })
    }
    // Tab that leaves the last button comes round by the window itself: then the focus is on its way to the first one.
    let leftAtMs = 0
    const onBlur = () => {
      leftAtMs = performance.now()
    }
    const onFocus = () => {
      if (performance.now() - leftAtMs > AWAY_MS) focusSoon()
    }
    const onKey = (event: KeyboardEvent) => {
      if (event.target !== field.current && isTyped(event)) focus()
    }
    let soon: ReturnType<typeof setTimeout> | undefined
    const focusSoon = () => {
      clearTimeout(soon)
      soon = setTimeout(focus)
    }
    focus()
    const later = setTimeout(focus, AFTER_DIALOG_MS)
    window.addEventListener('click', focusSoon)
    window.addEventListener('blur', onBlur)
    window.addEventListener('focus', onFocus)
    // Before anything else sees the key, so that the first character is typed into the field.
    window.addEventListener('keydown', onKey, true)
    return () => {
      clearTimeout(later)
      clearTimeout(soon)
      window.removeEventListener('click', focusSoon)
      window.removeEventListener('blur', onBlur)
      window.removeEventListener('focus', onFocus)
      window.removeEventListener('keydown', onKey, true)
    }
  }, [resting])
  return field
}
