import { useTranslation } from 'react-i18next'
import type { Lane } from '../../../electron/contract/factory'
import { useLanguage } from '../../i18n'
import { linePoints, seconds } from '../../model/station-figures'

const HEIGHT = 18
const EDGE = 2.5

/** Takt of a lane's last devices as a small line; the numbers are in its text. */
export const Spark = ({
  lane,
  width,
  className,
}: {
  readonly lane: Lane
  readonly width: number
  readonly className?: string | undefined
}) => {
  const { t } = useTranslation()
  const language = useLanguage()
  const { taktsMs } = lane
  if (taktsMs.length < 2) return null
  const points = linePoints(taktsMs, { width: width - 2 * EDGE, height: HEIGHT - 2 * EDGE })
  const [lastX, lastY] = points[points.length - 1] ?? [0, 0]
  return (
    <svg
      className={className}
      width={width}
      height={HEIGHT}
      viewBox={`${-EDGE} ${-EDGE} ${width} ${HEIGHT}`}
      role="img"
      aria-label={t('station.taktChart', {
        lane: lane.number,
        count: taktsMs.length,
        shortest: seconds(Math.min(...taktsMs), language),
        longest: seconds(Math.max(...taktsMs), language),
        last: seconds(taktsMs[taktsMs.length - 1] ?? 0, language),
      })}
    >
      <polyline
        points={points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinejoin="round"
      />
      <circle cx={lastX} cy={lastY} r="2.4" fill="currentColor" />
    </svg>
  )
}
