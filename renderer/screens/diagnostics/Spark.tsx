import { useTranslation } from 'react-i18next'
import { useLanguage } from '../../i18n'
import { valueWords } from '../../model/health'
import { linePoints } from '../../model/station-figures'
import { recentValues, type SparkMetric } from '../../stores/health'
import css from './Diagnostics.module.css'

const WIDTH = 40
const HEIGHT = 16

/** The last values of one metric as a small line; the numbers are in its text. */
export const Spark = ({ udn, metric }: { readonly udn: string; readonly metric: SparkMetric }) => {
  const { t } = useTranslation()
  const language = useLanguage()
  const values = recentValues(udn, metric)
  const last = values.at(-1)
  if (values.length < 3 || last === undefined) return null
  const points = linePoints([...values], { width: WIDTH - 2, height: HEIGHT - 4 })
  const words = (value: number) => valueWords(metric, value, language)
  return (
    <svg
      className={css.spark}
      width={WIDTH}
      height={HEIGHT}
      viewBox={`-1 -2 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={t('diagnostics.sparkline', {
        count: values.length,
        least: words(Math.min(...values)),
        most: words(Math.max(...values)),
        last: words(last),
      })}
    >
      <polyline
        points={points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.3"
        strokeLinejoin="round"
      />
    </svg>
  )
}
