import { useCallback, useRef, useState } from 'react'
import { asCallError, type CallError } from '../../bridge'
import { shownScan } from '../../model/station-lanes'
import { chooseLane, label, scan, start, unlockLane } from '../../stores/station'
import { refusalTone } from './tone'

/** What was not done, said beside the scan field until the next scan. */
export type Notice = { readonly turn: number; readonly error: CallError } & (
  | { readonly kind: 'scan'; readonly text: string }
  | { readonly kind: 'choose' | 'start' | 'label' | 'unlock'; readonly lane: number }
)
type What = Notice extends infer N ? (N extends Notice ? Omit<N, 'turn' | 'error'> : never) : never

/** The commands of the person at the station, with the one notice that all of them share. */
export const useDesk = () => {
  const [notice, setNotice] = useState<Notice>()
  const turn = useRef(0)

  const act = useCallback(async (what: What, work: () => Promise<unknown>): Promise<void> => {
    turn.current += 1
    const mine = turn.current
    try {
      await work()
      // A refusal that came in after this was asked for has not been read yet: it stays.
      setNotice((shown) => (shown && shown.turn < mine ? undefined : shown))
    } catch (thrown) {
      setNotice({ ...what, turn: turn.current, error: asCallError(thrown) } as Notice)
      if (what.kind === 'scan') refusalTone()
    }
  }, [])

  return {
    notice,
    scan: useCallback(
      (text: string) => act({ kind: 'scan', text: shownScan(text) }, () => scan(text)),
      [act],
    ),
    start: useCallback((lane: number) => act({ kind: 'start', lane }, () => start(lane)), [act]),
    choose: useCallback((lane: number) => act({ kind: 'choose', lane }, () => chooseLane(lane)), [act]),
    unlock: useCallback((lane: number) => act({ kind: 'unlock', lane }, () => unlockLane(lane)), [act]),
    print: useCallback(
      (lane: number, to: 'printer' | 'pdf' = 'printer') =>
        act({ kind: 'label', lane }, () => label(lane, to)),
      [act],
    ),
  }
}
export type Desk = ReturnType<typeof useDesk>
