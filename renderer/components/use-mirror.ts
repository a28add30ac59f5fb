import { useEffect, useState } from 'react'
import { asCallError, type CallError } from '../bridge'

/** Opens a mirror for as long as what shows it is there; what went wrong, or undefined. `open` has to be a constant. */
export const useMirror = (open: () => Promise<() => void>): CallError | undefined => {
  const [error, setError] = useState<CallError>()
  useEffect(() => {
    let stop: (() => void) | undefined
    let gone = false
    setError(undefined)
    open().then(
      (stopper) => {
        if (gone) stopper()
        else stop = stopper
      },
      (thrown) => {
        if (!gone) setError(asCallError(thrown))
      },
    )
    return () => {
      gone = true
      stop?.()
    }
  }, [open])
  return error
}
