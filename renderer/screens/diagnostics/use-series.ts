import { useEffect, useRef, useState } from 'react'
import type { HealthMetric, SeriesAnswer } from '../../../electron/contract/health'
import { asCallError, type CallError } from '../../bridge'
import type { Span, Tail } from '../../model/health-chart'
import { askSeries, hearHealth } from '../../stores/health'

/** As many columns as a chart of this window has pixels, about. */
export const COLUMNS = 900
const DRAW_MS = 100
/** A live chart asks anew so often, so that what it appended itself becomes what is stored. */
const AGAIN_MS = 60_000

export interface Drawn {
  readonly answer: SeriesAnswer | undefined
  readonly tails: ReadonlyMap<string, Tail>
  /** Rises with everything that was appended. */
  readonly version: number
  readonly error: CallError | undefined
  readonly loading: boolean
}

/** What a chart draws: the answer for its span, and the reports since. Answers that come too late are dropped. */
export const useSeries = (
  udns: readonly string[],
  metric: HealthMetric,
  span: () => Span,
  key: string,
  live: boolean,
): Drawn => {
  const names = udns.join(' ')
  const tails = useRef(new Map<string, Tail>())
  const [answer, setAnswer] = useState<SeriesAnswer>()
  const [error, setError] = useState<CallError>()
  const [loading, setLoading] = useState(true)
  const [version, setVersion] = useState(0)
  const spanNow = useRef(span)
  spanNow.current = span
  /** Ended by the answer that is on its way: who pans asks for where they are then, not for each place on the way. */
  const before = useRef<Promise<unknown>>(Promise.resolve())
  const drawn = useRef('')
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` names the span that is asked for
  useEffect(() => {
    let gone = false
    tails.current = new Map()
    setLoading(true)
    const ask = async () => {
      await before.current
      if (gone) return
      const { fromMs, toMs } = spanNow.current()
      const asked = askSeries({ udns: names.split(' '), metric, fromMs, toMs, points: COLUMNS })
      before.current = asked.catch(() => undefined)
      try {
        const next = await asked
        if (gone) return
        setAnswer(next)
        setError(undefined)
      } catch (thrown) {
        if (!gone) setError(asCallError(thrown))
      }
      if (!gone) setLoading(false)
    }
    // The picture of another place of the same stays until the answer is here.
    if (drawn.current !== `${names} ${metric}`) setAnswer(undefined)
    drawn.current = `${names} ${metric}`
    void ask()
    const timer = live ? setInterval(() => void ask(), AGAIN_MS) : undefined
    return () => {
      gone = true
      clearInterval(timer)
    }
  }, [names, metric, key, live])
  useEffect(() => {
    if (!live) return
    const wanted = new Set(names.split(' '))
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = hearHealth((changed) => {
      let any = false
      for (const { udn, atMs, values } of changed) {
        const value = values[metric]
        if (!wanted.has(udn) || atMs === undefined || value === undefined) continue
        const tail = tails.current.get(udn) ?? { atMs: [], values: [] }
        if (atMs <= (tail.atMs.at(-1) ?? 0)) continue
        tail.atMs.push(atMs)
        tail.values.push(value)
        if (tail.atMs.length > 4000) {
          tail.atMs.splice(0, 1000)
          tail.values.splice(0, 1000)
        }
        tails.current.set(udn, tail)
        any = true
      }
      if (any)
        timer ??= setTimeout(() => {
          timer = undefined
          setVersion((count) => count + 1)
        }, DRAW_MS)
    })
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [names, metric, live])
  return { answer, tails: tails.current, version, error, loading }
}
