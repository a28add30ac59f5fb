import { useCallback, useEffect, useRef, useState } from 'react'
import { asCallError, type CallError } from '../bridge'

interface Action<A extends readonly unknown[]> {
  /** Runs it once at a time; true when it went well. */
  readonly run: (...args: A) => Promise<boolean>
  readonly busy: boolean
  /** What went wrong the last time, until the next run. */
  readonly error: CallError | undefined
  readonly clear: () => void
}

/** A command with its busy state and its error, to be drawn beside the button that started it. */
export const useAction = <A extends readonly unknown[]>(
  work: (...args: A) => Promise<unknown>,
): Action<A> => {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<CallError>()
  const latest = useRef(work)
  const running = useRef(false)
  const mounted = useRef(true)
  latest.current = work
  useEffect(() => {
    mounted.current = true
    return () => {
      mounted.current = false
    }
  }, [])
  const run = useCallback(async (...args: A): Promise<boolean> => {
    if (running.current) return false
    running.current = true
    setBusy(true)
    setError(undefined)
    try {
      await latest.current(...args)
      return true
    } catch (thrown) {
      if (mounted.current) setError(asCallError(thrown))
      return false
    } finally {
      running.current = false
      if (mounted.current) setBusy(false)
    }
  }, [])
  return { run, busy, error, clear: useCallback(() => setError(undefined), []) }
}
