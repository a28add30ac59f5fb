import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ReleasedRange } from '../../../electron/contract/factory'
import { Ago } from '../../components/Ago'
import { Button } from '../../components/Button'
import { Panel } from '../../components/Panel'
import { Progress } from '../../components/Progress'
import { ScrollPart } from '../../components/ScrollPart'
import { rangeUse, serialOf } from '../../model/serial-range'
import { type TakeOut, useFactory } from '../../stores/factory'
import css from './Factory.module.css'
import { RangeForm } from './RangeForm'
import { TakeOutDialog } from './TakeOutDialog'

const NO_RANGES: readonly ReleasedRange[] = []

const RangeRow = ({ range }: { readonly range: ReleasedRange }) => {
  const { t } = useTranslation()
  const { total, used, free, share } = rangeUse(range)
  const name = `${serialOf(range, range.first)} … ${serialOf(range, range.last)}`
  return (
    <tr>
      <td className={`mono ${css.oneLine}`}>
        {serialOf(range, range.first)}
        <span className="mute"> … </span>
        {serialOf(range, range.last)}
      </td>
      <td className={css.oneLine}>{range.model}</td>
      <td>
        <div className={css.use}>
          <Progress value={share} label={t('factory.numbers.useOf', { name })} />
          <span className="tnum">
            {free === 0
              ? t('factory.numbers.usedUp', { count: total })
              : t('factory.numbers.use', { used, free })}
          </span>
        </div>
      </td>
      <td>
        {range.addedBy || '—'} <Ago atMs={range.addedAtMs} className="mute" />
      </td>
    </tr>
  )
}

/** Released serial numbers and how much of them is used; releasing more; taking single ones out. */
export const NumbersTab = ({ model }: { readonly model: string }) => {
  const { t } = useTranslation()
  const ranges = useFactory((factory) => factory.summary?.ranges ?? NO_RANGES)
  const [out, setOut] = useState<TakeOut>()
  return (
    <div className={css.splitWide}>
      <Panel className={css.panel} label={t('factory.numbers.list')}>
        <div className={css.head}>
          <h2>{t('factory.numbers.list')}</h2>
          <span className={css.headActions}>
            <Button small onClick={() => setOut('burn')} needs="ledger.burn" data-testid="burn-open">
              {t('factory.numbers.burn.open')}
            </Button>
            <Button small onClick={() => setOut('scrap')} needs="ledger.scrap" data-testid="scrap-open">
              {t('factory.numbers.scrap.open')}
            </Button>
          </span>
        </div>
        {ranges.length === 0 ? (
          <div className={css.scroll} data-testid="ranges-empty">
            <p className="strong">{t('factory.numbers.empty')}</p>
            <p className="mute">{t('factory.numbers.emptyText')}</p>
          </div>
        ) : (
          <ScrollPart className={css.tableScroll} label={t('factory.numbers.list')}>
            <table className={css.table} data-testid="ranges-table">
              <thead>
                <tr>
                  <th scope="col">{t('factory.numbers.range')}</th>
                  <th scope="col">{t('factory.numbers.model')}</th>
                  <th scope="col" className={css.useColumn}>
                    {t('factory.numbers.used')}
                  </th>
                  <th scope="col">{t('factory.numbers.released')}</th>
                </tr>
              </thead>
              <tbody>
                {ranges.map((range) => (
                  <RangeRow key={range.id} range={range} />
                ))}
              </tbody>
            </table>
          </ScrollPart>
        )}
      </Panel>
      <Panel className={css.panel}>
        <RangeForm key={model} model={model} ranges={ranges} />
      </Panel>
      {out && <TakeOutDialog how={out} onClose={() => setOut(undefined)} />}
    </div>
  )
}
