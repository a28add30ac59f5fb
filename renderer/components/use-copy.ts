import { useEffect, useState } from 'react'

const SHOWN_MS = 2000

/** Copies text; `copied` is true for a moment after it went well. */
export const useCopy = () => {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = (text: string) => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    )
  }
  return { copy, copied }
}
