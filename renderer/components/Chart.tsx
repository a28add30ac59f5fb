import 'uplot/dist/uPlot.min.css'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import uPlot from 'uplot'
import type { Lines, Span } from '../model/health-chart'
import css from './Chart.module.css'
import { drawGaps, drawLimits, drawMarkers, type GapMark, type LimitLine, type Paint } from './chart-draw'
import { lineLook } from './chart-look'

interface ChartProps {
  readonly lines: Lines
  readonly span: Span
  readonly values: readonly [number, number] | undefined
  readonly limits: readonly LimitLine[]
  readonly gaps: readonly GapMark[]
  readonly language: string
  /** Text of a value at the axis and in the cursor. */
  readonly valueText: (value: number) => string
  /** What the chart shows, in one sentence, and how it is worked by keys. */
  readonly label: string
  readonly help: string
  /** The stretch that was drawn over with the mouse. */
  readonly onZoom: (span: Span) => void
  readonly onReset: () => void
  /** Column under the cursor; undefined when it leaves. */
  readonly onCursor: (column: number | undefined) => void
  readonly onKey: (event: KeyboardEvent) => void
}

const SERIES = Array.from({ length: 10 }, (_, at) => `--series-${at + 1}`)

const paintOf = (element: HTMLElement): Paint => {
  const style = getComputedStyle(element)
  const token = (name: string) => style.getPropertyValue(name).trim()
  return {
    series: SERIES.map(token),
    line: token('--line'),
    mute: token('--mute'),
    warn: token('--warn'),
    bad: token('--bad'),
    panel: token('--panel'),
    font: `11px ${token('--sans')}`,
  }
}

/** Changes with the theme, so that the canvas is painted anew. */
const useTheme = (): string => {
  const [theme, setTheme] = useState(document.documentElement.dataset.theme ?? '')
  useEffect(() => {
    const observer = new MutationObserver(() => setTheme(document.documentElement.dataset.theme ?? ''))
    observer.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    return () => observer.disconnect()
  }, [])
  return theme
}

/** Ticks of the time axis: days from a day on, seconds below a minute; 24 hours in every language. */
const timeTexts =
  (language: string) => (_: uPlot, splits: readonly number[], __: number, ___: number, step: number) => {
    const format = new Intl.DateTimeFormat(
      language,
      step >= 86_400
        ? { day: 'numeric', month: 'short' }
        : {
            hour: '2-digit',
            minute: '2-digit',
            hourCycle: 'h23',
            ...(step < 60 ? { second: '2-digit' } : {}),
          },
    )
    return splits.map((at) => format.format(at * 1000))
  }

const optionsOf = (
  count: number,
  paint: Paint,
  latest: { readonly current: ChartProps },
  size: { readonly width: number; readonly height: number },
): uPlot.Options => ({
  ...size,
  ms: 1e-3,
  padding: [10, 14, 0, 0],
  legend: { show: false },
  cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
  scales: {
    x: { time: true, range: () => [latest.current.span.fromMs / 1000, latest.current.span.toMs / 1000] },
    y: { range: () => [...(latest.current.values ?? [0, 1])] as [number, number] },
  },
  axes: [
    {
      stroke: paint.mute,
      font: paint.font,
      grid: { stroke: paint.line, width: 1 },
      ticks: { stroke: paint.line, width: 1, size: 4 },
      size: 30,
      space: 72,
      values: timeTexts(latest.current.language),
    },
    {
      stroke: paint.mute,
      font: paint.font,
      grid: { stroke: paint.line, width: 1 },
      ticks: { show: false },
      size: 64,
      space: 34,
      values: (_, splits) => splits.map((value) => latest.current.valueText(value)),
    },
  ],
  series: [
    {},
    ...Array.from({ length: count }, (_, at): uPlot.Series[] => {
      const stroke = paint.series[at % 10] ?? paint.mute
      const edge: uPlot.Series = { width: 0, points: { show: false } }
      return [
        edge,
        edge,
        { stroke, width: 1.75, dash: [...lineLook(at).dash], points: { show: false }, spanGaps: false },
      ]
    }).flat(),
  ],
  bands: Array.from({ length: count }, (_, at) => ({
    series: [3 * at + 2, 3 * at + 1] as [number, number],
    fill: `${paint.series[at % 10] ?? paint.mute}${count > 3 ? '14' : '26'}`,
  })),
  hooks: {
    drawClear: [(chart) => drawGaps(chart, latest.current.gaps, paint)],
    draw: [
      (chart) => {
        drawMarkers(chart, count, paint)
        drawLimits(chart, latest.current.limits, paint)
      },
    ],
    setCursor: [(chart) => latest.current.onCursor(chart.cursor.idx ?? undefined)],
    setSelect: [
      (chart) => {
        const { left, width } = chart.select
        if (width < 6) return
        const from = chart.posToVal(left, 'x') * 1000
        const to = chart.posToVal(left + width, 'x') * 1000
        chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
        latest.current.onZoom({ fromMs: from, toMs: to })
      },
    ],
  },
})

/** Least and greatest come in pairs around each line, so that the band lies between them. */
const dataOf = ({ x, lines }: Lines): uPlot.AlignedData =>
  [[...x], ...lines.flatMap(({ mean, min, max }) => [min, max, mean])] as uPlot.AlignedData

/** Lines over time on a canvas. It keeps its columns, so that a new value costs one redraw and no layout. */
export const Chart = (props: ChartProps) => {
  const host = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot>(null)
  const latest = useRef(props)
  latest.current = props
  const theme = useTheme()
  const count = props.lines.lines.length
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme or language paints the axes anew
  useEffect(() => {
    const box = host.current
    if (!box) return
    const size = () => ({ width: Math.max(120, box.clientWidth), height: Math.max(80, box.clientHeight) })
    const made = new uPlot(optionsOf(count, paintOf(box), latest, size()), dataOf(latest.current.lines), box)
    chart.current = made
    const reset = () => latest.current.onReset()
    made.over.addEventListener('dblclick', reset)
    const observer = new ResizeObserver(() => made.setSize(size()))
    observer.observe(box)
    return () => {
      observer.disconnect()
      made.destroy()
      chart.current = null
    }
  }, [count, theme, props.language])
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is drawn beside the lines is read when drawing
  useEffect(() => {
    chart.current?.setData(dataOf(props.lines))
  }, [props.lines, props.values, props.span.fromMs, props.span.toMs])
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group with its own keys, not a set of fields
    <div
      className={css.chart}
      role="group"
      aria-label={props.label}
      aria-description={props.help}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the chart is worked by keys
      tabIndex={0}
      onKeyDown={props.onKey}
      data-testid="health-chart"
    >
      <div ref={host} className={css.host} aria-hidden="true" />
    </div>
  )
}
