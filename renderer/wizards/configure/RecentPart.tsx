import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Ago } from '../../components/Ago'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { countStands } from '../../model/configuration'
import { loadPlans, useConfiguration } from '../../stores/configuration'
import css from './Configure.module.css'
import { showPlan } from './store'

/** Changes that were looked at or applied before, newest first. */
export const RecentPart = () => {
  const { t } = useTranslation()
  const plans = useConfiguration((mirror) => mirror.plans)
  const load = useAction(loadPlans)
  const { run } = load
  useEffect(() => void run(), [run])
  return (
    <>
      <div className={css.sideHead}>
        <h2>{t('configuration.recent.title')}</h2>
      </div>
      {load.error && <ErrorBox error={load.error} />}
      {plans.size === 0 ? (
        <p className={`mute ${css.sideBody}`}>{t('configuration.recent.none')}</p>
      ) : (
        <ul className={css.recent} aria-label={t('configuration.recent.title')}>
          {[...plans.values()].map((plan) => (
            <li key={plan.id}>
              <button
                type="button"
                className={css.recentItem}
                onClick={() => showPlan(plan.id)}
                data-testid={`configure-plan-${plan.id}`}
              >
                <span className="strong">
                  {t(`configuration.kind.${plan.change}`)} ·{' '}
                  {t('configuration.recent.devices', { count: plan.rows.length })}
                </span>
                <span className="mute">
                  <Ago atMs={plan.createdAtMs} /> ·{' '}
                  {countStands(plan.rows)
                    .map(([stand, count]) => t(`configuration.counts.${stand}`, { count }))
                    .join(' · ')}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
