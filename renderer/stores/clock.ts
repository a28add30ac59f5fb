/** One ticking clock for all relative times, so that they change together. */
import { create } from 'zustand'

export const useClock = create<{ readonly nowMs: number }>(() => ({ nowMs: Date.now() }))

/** Starts the tick; returns how to stop. */
export const startClock = (everyMs = 1000): (() => void) => {
  const timer = setInterval(() => useClock.setState({ nowMs: Date.now() }), everyMs)
  return () => clearInterval(timer)
}
