import { useTranslation } from 'react-i18next'
import type { HealthMetric } from '../../../electron/contract/health'
import type { GapMark } from '../../components/chart-draw'
import { ScrollPart } from '../../components/ScrollPart'
import { useLanguage } from '../../i18n'
import { valueWords } from '../../model/health'
import { type Lines, tableRows } from '../../model/health-chart'
import css from './Diagnostics.module.css'

const MOST = 200

/** What the chart shows, as rows: for screen readers, and for whoever wants the numbers. */
export const ChartTable = ({
  lines,
  metric,
  nameOf,
  gaps,
}: {
  readonly lines: Lines
  readonly metric: HealthMetric
  readonly nameOf: (udn: string) => string
  readonly gaps: readonly (GapMark & { readonly udn: string })[]
}) => {
  const { t } = useTranslation()
  const language = useLanguage()
  const rows = tableRows(lines, MOST)
  const time = new Intl.DateTimeFormat(language, {
    dateStyle: 'short',
    timeStyle: 'medium',
    hourCycle: 'h23',
  })
  const words = (value: number) => valueWords(metric, value, language)
  return (
    <ScrollPart className={css.tableBox} label={t('diagnostics.chart.asTable')}>
      {gaps.length > 0 && (
        <ul className={css.gapList}>
          {gaps.map((gap) => (
            <li key={`${gap.udn} ${gap.fromMs}`} className="mute">
              {t('diagnostics.chart.gapOf', {
                name: nameOf(gap.udn),
                reason: gap.text,
                from: time.format(gap.fromMs),
                to: time.format(gap.toMs),
              })}
            </li>
          ))}
        </ul>
      )}
      <table className={css.numbers}>
        <caption className="mute">{t('diagnostics.chart.tableCaption', { count: rows.length })}</caption>
        <thead>
          <tr>
            <th scope="col">{t('diagnostics.chart.time')}</th>
            <th scope="col">{t('diagnostics.chart.device')}</th>
            <th scope="col">{t('diagnostics.chart.least')}</th>
            <th scope="col">{t('diagnostics.chart.mean')}</th>
            <th scope="col">{t('diagnostics.chart.greatest')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.udn} ${row.atMs}`}>
              <td className="tnum">{time.format(row.atMs)}</td>
              <td>{nameOf(row.udn)}</td>
              <td className="tnum">{words(row.min)}</td>
              <td className="tnum">{words(row.mean)}</td>
              <td className="tnum">{words(row.max)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollPart>
  )
}
