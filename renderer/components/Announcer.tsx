import { useEffect, useRef, useState } from 'react'

/** Says `text` to screen readers when it changes, at most once in `everyMs`, latest wins. */
export const Announcer = ({ text, everyMs = 3000 }: { readonly text: string; readonly everyMs?: number }) => {
  const [said, setSaid] = useState('')
  const lastMs = useRef(0)
  useEffect(() => {
    const wait = Math.max(0, lastMs.current + everyMs - Date.now())
    const timer = setTimeout(() => {
      lastMs.current = Date.now()
      setSaid(text)
    }, wait)
    return () => clearTimeout(timer)
  }, [text, everyMs])
  return (
    <div className="hidden-visually" role="status" aria-live="polite">
      {said}
    </div>
  )
}
