import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { HealthMetric } from '../../../electron/contract/health'
import { useLanguage } from '../../i18n'
import { valueWords } from '../../model/health'
import { type Column, linesOf, RANGE_MS, valueSpan } from '../../model/health-chart'
import { useClock } from '../../stores/clock'
import css from './MiniChart.module.css'
import { useSeries } from './use-series'

const WIDTH = 300
const HEIGHT = 64
const COLUMNS = 120

/** One path a stretch without gaps. */
const pathsOf = (mean: readonly Column[], [low, high]: readonly [number, number]): string => {
  let path = ''
  let open = false
  mean.forEach((value, at) => {
    if (value === undefined) return
    if (value === null) {
      open = false
      return
    }
    const x = ((at / COLUMNS) * WIDTH).toFixed(1)
    const y = (HEIGHT - ((value - low) / (high - low)) * HEIGHT).toFixed(1)
    path += `${open ? 'L' : 'M'}${x},${y}`
    open = true
  })
  return path
}

/** The last hour of one value as a small line, live. */
export const MiniChart = ({ udn, metric }: { readonly udn: string; readonly metric: HealthMetric }) => {
  const { t } = useTranslation()
  const language = useLanguage()
  const nowMs = useClock((clock) => Math.floor(clock.nowMs / 5000) * 5000 + 5000)
  const span = () => ({ fromMs: Date.now() - RANGE_MS['1h'], toMs: Date.now() })
  const { answer, tails, version } = useSeries([udn], metric, span, '1h', true)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` says that the tails grew
  const lines = useMemo(
    () => linesOf([udn], answer, tails, nowMs - RANGE_MS['1h'], nowMs, COLUMNS),
    [udn, answer, version, nowMs],
  )
  const values = valueSpan(lines, [])
  const title = t('diagnostics.drawer.lastHour', { metric: t(`diagnostics.metric.${metric}`) })
  if (!values) return null
  const words = (value: number) => valueWords(metric, value, language)
  return (
    <figure className={css.figure}>
      <figcaption className="mute">{title}</figcaption>
      <div className={css.box}>
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`${title}: ${words(values[0])} … ${words(values[1])}`}
          className={css.line}
        >
          <path
            d={pathsOf(lines.lines[0]?.mean ?? [], values)}
            fill="none"
            stroke="currentColor"
            strokeWidth="1.6"
            vectorEffect="non-scaling-stroke"
          />
        </svg>
        <span className={`mute tnum ${css.ends}`} aria-hidden="true">
          <span>{words(values[1])}</span>
          <span>{words(values[0])}</span>
        </span>
      </div>
    </figure>
  )
}
