import { useTranslation } from 'react-i18next'
import type { PlanRow, ValueChange } from '../../../electron/contract/configuration'
import { explain } from '../../../electron/contract/error-texts'
import { Pill } from '../../components/Pill'
import { Sign } from '../../components/Sign'
import { ErrorBox } from '../../components/StateBox'
import { useLanguage } from '../../i18n'
import { type RowStand, standOf, toneOf } from '../../model/configuration'
import css from './Configure.module.css'

/** How one device stands with a change: sign and word. */
export const StandPill = ({ stand }: { readonly stand: RowStand }) => {
  const { t } = useTranslation()
  return (
    <Pill tone={toneOf(stand)} {...(stand === 'same' ? { sign: 'dash' as const } : {})}>
      {t(`configuration.stand.${stand}`)}
    </Pill>
  )
}

const Shown = ({ value }: { readonly value: string | undefined }) => {
  const { t } = useTranslation()
  if (value === undefined) return <span className="mute">—</span>
  if (value === '') return <span className="mute">{t('configuration.value.empty')}</span>
  // A row of a plan does not say the type; a text that reads so means the same.
  if (value === 'true' || value === 'false') return <>{t(`configuration.value.${value}`)}</>
  return <span className="mono select-text">{value}</span>
}

const Change = ({ change }: { readonly change: ValueChange }) => {
  const language = useLanguage()
  const { name, from, to, unit, problem } = change
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        <Shown value={from} />
      </td>
      <td>
        <span className={css.to}>
          <Sign name="next" size={9} />
          <Shown value={to} />
          {unit && <span className="mute">{unit}</span>}
        </span>
        {problem && (
          <span className={css.refused}>
            <Sign name="warning" size={11} /> {explain(problem, language, name).what}
          </span>
        )}
      </td>
    </tr>
  )
}

/** What changes on one device, value by value, and why it can not be changed or has failed. */
export const Diff = ({ row }: { readonly row: PlanRow }) => {
  const { t } = useTranslation()
  const over = row.state === 'applied'
  const back = row.state === 'rolled-back'
  const whole = row.changes.some((change) => change.problem)
  return (
    <div className={css.diff}>
      {row.error && row.state === 'failed' && <ErrorBox error={row.error} subject={row.name} alert={false} />}
      {row.problem && !whole && (
        <ErrorBox error={{ code: row.problem, detail: row.error?.detail }} subject={row.name} alert={false} />
      )}
      {row.changes.length > 0 ? (
        <table className={css.changes}>
          <thead>
            <tr>
              <th scope="col">{t('configuration.plan.parameter')}</th>
              <th scope="col">
                {t(
                  over ? 'configuration.plan.was' : back ? 'configuration.plan.is' : 'configuration.plan.now',
                )}
              </th>
              <th scope="col">
                {t(
                  over
                    ? 'configuration.plan.is'
                    : back
                      ? 'configuration.plan.was'
                      : 'configuration.plan.will',
                )}
              </th>
            </tr>
          </thead>
          <tbody>
            {row.changes.map((change) => (
              <Change key={change.name} change={change} />
            ))}
          </tbody>
        </table>
      ) : (
        !row.problem && <p>{t('configuration.plan.nothing')}</p>
      )}
      {row.left.length > 0 && (
        <p className="mute">{t('configuration.plan.left', { names: row.left.join(', ') })}</p>
      )}
      {row.version !== undefined && row.state === 'previewed' && !row.problem && (
        <p className="mute">
          {t('configuration.plan.version', { from: row.version, to: row.version + 1 })}{' '}
          {t('configuration.plan.whole')}
        </p>
      )}
    </div>
  )
}

/** The state of one row. */
export const RowPill = ({ row }: { readonly row: PlanRow }) => <StandPill stand={standOf(row)} />
