/** What the chart draws besides its lines: markers, limits, and gaps with their reason. */
import type uPlot from 'uplot'
import { lineLook, markerPath } from './chart-look'

/** Colours and face, read from the theme's tokens. */
export interface Paint {
  readonly series: readonly string[]
  readonly line: string
  readonly mute: string
  readonly warn: string
  readonly bad: string
  readonly panel: string
  readonly font: string
}

export interface LimitLine {
  readonly value: number
  readonly level: 'warn' | 'bad'
  readonly text: string
}

/** A stretch without values. With several devices each has a lane of its own at the foot of the chart. */
export interface GapMark {
  readonly fromMs: number
  readonly toMs: number
  readonly text: string
  readonly index: number
  readonly alone: boolean
}

/** CSS px between two markers of a line. */
const MARKER_EVERY = 90
const LANE = 5

const hatch = (
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  w: number,
  h: number,
  step: number,
) => {
  context.save()
  context.beginPath()
  context.rect(x, y, w, h)
  context.clip()
  context.beginPath()
  for (let at = x - h; at < x + w; at += step) {
    context.moveTo(at, y + h)
    context.lineTo(at + h, y)
  }
  context.stroke()
  context.restore()
}

/** Hatched, and named where there is room. */
export const drawGaps = (chart: uPlot, gaps: readonly GapMark[], paint: Paint): void => {
  const { ctx, bbox } = chart
  const ratio = devicePixelRatio
  ctx.save()
  ctx.textAlign = 'left'
  ctx.font = paint.font.replace('11px', `${11 * ratio}px`)
  for (const { fromMs, toMs, text, index, alone } of gaps) {
    const left = Math.max(bbox.left, chart.valToPos(fromMs / 1000, 'x', true))
    const right = Math.min(bbox.left + bbox.width, chart.valToPos(toMs / 1000, 'x', true))
    if (right <= left) continue
    const width = Math.max(right - left, 2 * ratio)
    const height = alone ? bbox.height : LANE * ratio
    const top = alone ? bbox.top : bbox.top + bbox.height - (index + 1) * (LANE + 2) * ratio
    ctx.strokeStyle = alone ? paint.line : (paint.series[index % 10] ?? paint.mute)
    ctx.lineWidth = (alone ? 2 : 1.2) * ratio
    hatch(ctx, left, top, width, height, (alone ? 8 : 4) * ratio)
    const textWidth = ctx.measureText(text).width
    if (alone && textWidth + 12 * ratio < width) {
      const x = left + (width - textWidth) / 2
      const y = bbox.top + bbox.height / 2
      ctx.fillStyle = paint.panel
      ctx.fillRect(x - 5 * ratio, y - 10 * ratio, textWidth + 10 * ratio, 19 * ratio)
      ctx.fillStyle = paint.mute
      ctx.textBaseline = 'middle'
      ctx.fillText(text, x, y)
    }
  }
  ctx.restore()
}

/** Limits as lines with their words at the left. */
export const drawLimits = (chart: uPlot, limits: readonly LimitLine[], paint: Paint): void => {
  const { ctx, bbox } = chart
  const ratio = devicePixelRatio
  const { min, max } = chart.scales.y ?? {}
  ctx.save()
  ctx.textAlign = 'left'
  ctx.font = paint.font.replace('11px', `600 ${11 * ratio}px`)
  for (const { value, level, text } of limits) {
    if (min == null || max == null || value < min || value > max) continue
    const y = Math.round(chart.valToPos(value, 'y', true))
    ctx.strokeStyle = ctx.fillStyle = paint[level]
    ctx.lineWidth = 1.25 * ratio
    ctx.setLineDash([6 * ratio, 4 * ratio])
    ctx.beginPath()
    ctx.moveTo(bbox.left, y)
    ctx.lineTo(bbox.left + bbox.width, y)
    ctx.stroke()
    ctx.textBaseline = y - bbox.top < 18 * ratio ? 'top' : 'bottom'
    const above = ctx.textBaseline === 'bottom'
    // Its own ground keeps the words readable where lines run behind them.
    ctx.fillStyle = paint.panel
    ctx.fillRect(
      bbox.left + 3 * ratio,
      y + (above ? -17 : 2) * ratio,
      ctx.measureText(text).width + 6 * ratio,
      15 * ratio,
    )
    ctx.fillStyle = paint[level]
    ctx.fillText(text, bbox.left + 6 * ratio, y + (above ? -3 : 3) * ratio)
  }
  ctx.restore()
}

/** A marker every so often, so that lines stay apart without colour. */
export const drawMarkers = (chart: uPlot, count: number, paint: Paint): void => {
  if (count < 2) return
  const { ctx, bbox } = chart
  const ratio = devicePixelRatio
  const [x] = chart.data
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  for (let index = 0; index < count; index += 1) {
    const mean = chart.data[3 * index + 3]
    const { marker } = lineLook(index)
    ctx.strokeStyle = ctx.fillStyle = paint.series[index % 10] ?? paint.mute
    ctx.lineWidth = 1.6 * ratio
    let next = bbox.left + ((index * 17) % MARKER_EVERY) * ratio
    for (let at = 0; at < x.length; at += 1) {
      const value = mean?.[at]
      if (typeof value !== 'number') continue
      const left = chart.valToPos(x[at] as number, 'x', true)
      if (left < next) continue
      next = left + MARKER_EVERY * ratio
      const path = new Path2D(markerPath(marker, left, chart.valToPos(value, 'y', true), 3.4 * ratio))
      if (marker === 'cross') ctx.stroke(path)
      else ctx.fill(path)
    }
  }
  ctx.restore()
}
