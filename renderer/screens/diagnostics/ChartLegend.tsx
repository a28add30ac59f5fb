import { useTranslation } from 'react-i18next'
import type { HealthMetric, SeriesAnswer } from '../../../electron/contract/health'
import { Button } from '../../components/Button'
import { ChartSwatch } from '../../components/ChartSwatch'
import { Sign } from '../../components/Sign'
import { useLanguage } from '../../i18n'
import { valueWords } from '../../model/health'
import { type Lines, valueAt } from '../../model/health-chart'
import css from './Diagnostics.module.css'

/** Who is which line, with the value under the cursor or the last one. */
export const ChartLegend = ({
  lines,
  metric,
  cursor,
  nameOf,
  time,
  live,
  from,
  gaps,
  of,
  asTable,
  onTable,
  onLive,
}: {
  readonly lines: Lines
  readonly metric: HealthMetric
  readonly cursor: number | undefined
  readonly nameOf: (udn: string) => string
  readonly time: string | undefined
  readonly live: boolean
  readonly from: SeriesAnswer['from'] | undefined
  readonly gaps: number
  readonly of: number
  readonly asTable: boolean
  readonly onTable: () => void
  readonly onLive: () => void
}) => {
  const { t } = useTranslation()
  const language = useLanguage()
  const at = cursor ?? lines.x.length - 1
  return (
    <div className={css.legend}>
      <div className={css.legendTime}>
        {time !== undefined ? (
          <span className="tnum strong">{time}</span>
        ) : live ? (
          <span className={css.live}>
            <Sign name="dot" size={10} /> {t('diagnostics.chart.live')}
          </span>
        ) : (
          <span className="mute">{t('diagnostics.chart.time')}</span>
        )}
        <span className={css.legendActions}>
          {!live && (
            <Button small onClick={onLive} data-testid="health-live">
              {t('diagnostics.chart.toLive')}
            </Button>
          )}
          <Button small aria-pressed={asTable} onClick={onTable} data-testid="health-as-table">
            {t(asTable ? 'diagnostics.chart.asChart' : 'diagnostics.chart.asTable')}
          </Button>
        </span>
      </div>
      {/* A scrolling list has to be reachable by keyboard. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
      <ul tabIndex={0} aria-label={t('diagnostics.chart.device')}>
        {lines.lines.map(({ udn, mean, min, max }, index) => {
          const value = valueAt(mean, at)
          const low = valueAt(min, at)
          const high = valueAt(max, at)
          const range =
            low !== undefined && high !== undefined && low !== high
              ? `${valueWords(metric, low, language)} … ${valueWords(metric, high, language)}`
              : undefined
          return (
            <li key={udn} className={css.legendRow} title={range}>
              <ChartSwatch index={index} />
              <span className={css.legendName}>{nameOf(udn)}</span>
              <span className="tnum strong">
                {value === undefined ? '—' : valueWords(metric, value, language)}
              </span>
            </li>
          )
        })}
      </ul>
      <p className={`mute ${css.legendFoot}`}>
        {from && t(`diagnostics.chart.from.${from}`)}
        {gaps > 0 && ` · ${t('diagnostics.chart.gaps', { count: gaps })}`}
        {of > lines.lines.length && ` · ${t('diagnostics.tooMany', { count: lines.lines.length })}`}
      </p>
    </div>
  )
}
