import { useTranslation } from 'react-i18next'
import type { StationCounts } from '../../../electron/contract/factory'
import { useLanguage } from '../../i18n'
import { bars, firstPassYield, percent, perHour, seconds } from '../../model/station-figures'
import css from './Figures.module.css'

const BOX = { width: 600, height: 40, gap: 6 }

/** What the shift has made so far. */
export const Figures = ({ counts, lanes }: { readonly counts: StationCounts; readonly lanes: number }) => {
  const { t } = useTranslation()
  const language = useLanguage()
  const number = (value: number) => new Intl.NumberFormat(language).format(value)
  const share = firstPassYield(counts)
  return (
    <section className={css.row} aria-label={t('station.figures.label')} data-testid="station-counts">
      <div className={css.card}>
        <h2>{t('station.figures.today')}</h2>
        <p className={css.line}>
          <Fact value={number(counts.passed)} name={t('station.figures.passed')} big />
          <Fact value={number(counts.failed)} name={t('station.figures.failed')} />
          <Fact
            value={share === undefined ? '—' : percent(share, language)}
            name={t('station.figures.yield')}
          />
        </p>
      </div>
      <div className={css.card}>
        <h2>{t('station.figures.takt')}</h2>
        <p className={css.line}>
          {counts.taktMs === undefined ? (
            <Fact value="—" name={t('station.figures.noTakt')} />
          ) : (
            <>
              <Fact
                value={seconds(counts.taktMs, language)}
                name={t('station.figures.perDevice', { count: lanes })}
                big
              />
              <span className={css.rate}>
                {t('station.figures.anHour', { rate: number(perHour(counts.taktMs)) })}
              </span>
            </>
          )}
        </p>
      </div>
      <Chart values={counts.perFiveMinutes} />
    </section>
  )
}

const Fact = ({
  value,
  name,
  big,
}: {
  readonly value: string
  readonly name: string
  readonly big?: boolean
}) => (
  <span className={css.fact}>
    <span className={big ? css.big : css.number}>{value}</span>
    {name}
  </span>
)

/** Twelve bars, five minutes each; their numbers are in the text. */
const Chart = ({ values }: { readonly values: readonly number[] }) => {
  const { t } = useTranslation()
  const sum = values.reduce((total, value) => total + value, 0)
  return (
    <figure className={`${css.card} ${css.chart}`}>
      <figcaption className={css.chartHead}>
        <span className={css.caption}>{t('station.figures.chart')}</span>
        <span className={css.sum}>{t('station.figures.chartSum', { sum })}</span>
      </figcaption>
      <div className={css.plot}>
        <span className={css.edge} aria-hidden="true">
          {t('station.figures.from')}
        </span>
        <svg
          viewBox={`0 0 ${BOX.width} ${BOX.height}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={t('station.figures.chartText', { list: values.join(', '), sum })}
          data-testid="station-chart"
        >
          {bars(values, BOX).map(({ x, y, width, height }) => (
            <rect key={x} x={x} y={y} width={width} height={height} className={css.bar} />
          ))}
        </svg>
        <span className={css.edge} aria-hidden="true">
          {t('station.figures.to')}
        </span>
      </div>
    </figure>
  )
}
