import { type KeyboardEvent, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { HEALTH_METRICS, type HealthMetric } from '../../../electron/contract/health'
import { Announcer } from '../../components/Announcer'
import { Chart } from '../../components/Chart'
import { Chips } from '../../components/Chips'
import { ErrorBox } from '../../components/StateBox'
import { useLanguage } from '../../i18n'
import { labelOf } from '../../model/device-facts'
import { valueWords } from '../../model/health'
import {
  isEmpty,
  linesOf,
  panned,
  RANGE_MS,
  RANGES,
  type Range,
  type Span,
  valueAt,
  valueSpan,
  zoomed,
} from '../../model/health-chart'
import { useClock } from '../../stores/clock'
import { useDevices } from '../../stores/devices'
import { useSession } from '../../stores/session'
import { setMetric, useDiagnostics } from '../../wizards/diagnostics/store'
import { ChartLegend } from './ChartLegend'
import { ChartTable } from './ChartTable'
import css from './Diagnostics.module.css'
import { COLUMNS, useSeries } from './use-series'

const clockText = (atMs: number, language: string, long: boolean): string =>
  new Intl.DateTimeFormat(language, {
    ...(long ? { day: 'numeric', month: 'short' } : {}),
    hour: '2-digit',
    minute: '2-digit',
    ...(long ? {} : { second: '2-digit' }),
    hourCycle: 'h23',
  }).format(atMs)

const Tools = ({
  range,
  onRange,
  zoom,
  metric,
}: {
  readonly range: Range
  readonly onRange: (range: Range) => void
  readonly zoom: Span | undefined
  readonly metric: HealthMetric
}) => {
  const { t } = useTranslation()
  return (
    <div className={css.chartTools}>
      <Chips
        label={t('diagnostics.chart.metrics')}
        all={HEALTH_METRICS}
        on={metric}
        text={(one) => t(`diagnostics.metric.${one}`)}
        onPick={setMetric}
        testid="health-metric"
      />
      <Chips
        label={t('diagnostics.chart.ranges')}
        all={RANGES}
        on={zoom ? undefined : range}
        text={(one) => t(`diagnostics.chart.range.${one}`)}
        onPick={onRange}
        testid="health-range"
        className={css.ranges}
      />
    </div>
  )
}

/** One metric of up to ten devices over time: live at the right edge, zoomed by drag or keys, or as a table. */
export const HealthChart = ({ udns, of }: { readonly udns: readonly string[]; readonly of: number }) => {
  const { t } = useTranslation()
  const language = useLanguage()
  const metric = useDiagnostics((place) => place.metric)
  const [range, setRange] = useState<Range>('1h')
  const [zoom, setZoom] = useState<Span>()
  const [cursor, setCursor] = useState<number>()
  const [asTable, setAsTable] = useState(false)
  const [said, setSaid] = useState('')
  const byUdn = useDevices((list) => list.byUdn)
  const thresholds = useSession(({ settings }) => settings?.thresholds)
  const nowMs = useClock((clock) => clock.nowMs)
  const live = zoom === undefined
  const spanOf = (): Span => zoom ?? { fromMs: Date.now() - RANGE_MS[range], toMs: Date.now() }
  const key = zoom ? `${Math.round(zoom.fromMs)} ${Math.round(zoom.toMs)}` : range
  const { answer, tails, version, error, loading } = useSeries(udns, metric, spanOf, key, live)
  const fromMs = zoom?.fromMs ?? nowMs - RANGE_MS[range]
  const toMs = zoom?.toMs ?? nowMs
  const span = useMemo(() => ({ fromMs, toMs }), [fromMs, toMs])
  const names = udns.join(' ')
  // Live columns move on when a whole one has passed, not with every second.
  const step = (toMs - fromMs) / COLUMNS
  const gridMs = Math.floor(fromMs / step) * step
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` says that the tails grew; the grid stands for the span
  const lines = useMemo(
    () => linesOf(names.split(' '), answer, tails, gridMs, gridMs + (toMs - fromMs), COLUMNS),
    [names, answer, version, gridMs, toMs - fromMs],
  )
  const limits = useMemo(() => {
    const own = (thresholds ?? []).filter((one) => one.metric === metric)
    return own.flatMap((threshold) =>
      (['warn', 'bad'] as const).flatMap((level) => {
        const value = threshold[level]?.raise
        if (value === undefined) return []
        const text = t(`diagnostics.chart.${level}Line`, { value: valueWords(metric, value, language) })
        return [{ value, level, text }]
      }),
    )
  }, [thresholds, metric, language, t])
  const values = useMemo(
    () =>
      valueSpan(
        lines,
        limits.map(({ value }) => value),
      ),
    [lines, limits],
  )
  const long = toMs - fromMs > 86_400_000
  const nameOf = (udn: string) => labelOf(byUdn.get(udn), udn)
  const gaps = (answer?.gaps ?? []).map((gap) => ({
    ...gap,
    text: t(`diagnostics.chart.gap.${gap.reason}`),
    index: udns.indexOf(gap.udn),
    alone: udns.length === 1,
  }))
  const rows = useRef(lines)
  rows.current = lines
  const say = (column: number) => {
    const atMs = (rows.current.x[column] ?? 0) * 1000
    setCursor(column)
    setSaid(
      [
        clockText(atMs, language, long),
        ...rows.current.lines.map(({ udn, mean }) => {
          const value = valueAt(mean, column)
          return `${nameOf(udn)} ${value === undefined ? t('diagnostics.chart.none') : valueWords(metric, value, language)}`
        }),
      ].join(', '),
    )
  }
  const onKey = (event: KeyboardEvent) => {
    const move = (by: number) => say(Math.min(COLUMNS, Math.max(0, (cursor ?? COLUMNS) + by)))
    const acts: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => (event.shiftKey ? setZoom(panned(span, -0.25, Date.now())) : move(-8)),
      ArrowRight: () => (event.shiftKey ? setZoom(panned(span, 0.25, Date.now())) : move(8)),
      '+': () => setZoom(zoomed(span, 0.5, Date.now())),
      '=': () => setZoom(zoomed(span, 0.5, Date.now())),
      '-': () => setZoom(zoomed(span, 2, Date.now())),
      '0': () => setZoom(undefined),
      Home: () => say(0),
      End: () => setZoom(undefined),
    }
    const act = acts[event.key]
    if (!act || event.ctrlKey || event.altKey || event.metaKey) return
    event.preventDefault()
    act()
  }
  const label = t('diagnostics.chart.label', {
    metric: t(`diagnostics.metric.${metric}`),
    devices: udns.map(nameOf).join(', '),
    from: clockText(fromMs, language, long),
    to: clockText(toMs, language, long),
  })
  return (
    <section className={`${css.panel} ${css.chartPanel}`} aria-label={t('diagnostics.chart.title')}>
      <Tools
        range={range}
        onRange={(one) => {
          setRange(one)
          setZoom(undefined)
        }}
        zoom={zoom}
        metric={metric}
      />
      <Announcer text={said} everyMs={600} />
      {error && <ErrorBox error={error} />}
      <div className={css.chartBody}>
        {asTable ? (
          <ChartTable lines={lines} metric={metric} nameOf={nameOf} gaps={gaps} />
        ) : (
          <div className={css.chartBox}>
            <Chart
              lines={lines}
              span={span}
              values={values}
              limits={limits}
              gaps={gaps}
              language={language}
              valueText={(value) => valueWords(metric, value, language)}
              label={label}
              help={t('diagnostics.chart.help')}
              onZoom={setZoom}
              onReset={() => setZoom(undefined)}
              onCursor={setCursor}
              onKey={onKey}
            />
            {isEmpty(lines) && (
              <p className={`mute ${css.chartNote}`} role="status">
                {t(loading ? 'diagnostics.chart.loading' : 'diagnostics.chart.nothing')}
              </p>
            )}
          </div>
        )}
        <ChartLegend
          lines={lines}
          metric={metric}
          cursor={cursor}
          nameOf={nameOf}
          time={cursor === undefined ? undefined : clockText((lines.x[cursor] ?? 0) * 1000, language, long)}
          live={live}
          from={answer?.from}
          gaps={gaps.length}
          of={of}
          asTable={asTable}
          onTable={() => setAsTable(!asTable)}
          onLive={() => setZoom(undefined)}
        />
      </div>
    </section>
  )
}
