import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Ago } from '../../components/Ago'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { countWork } from '../../model/site-work'
import { loadWorks, useWorks } from '../../stores/work'
import css from './Apply.module.css'
import { showWork } from './store'

/** Works that were looked at or applied before, newest first. */
export const RecentWorks = () => {
  const { t } = useTranslation()
  const works = useWorks(({ byId }) => byId)
  const load = useAction(loadWorks)
  const { run } = load
  useEffect(() => void run(), [run])
  return (
    <>
      <div className={css.tools}>
        <h2>{t('sitePlan.work.recent')}</h2>
      </div>
      {load.error && <ErrorBox error={load.error} />}
      {works.size === 0 ? (
        <p className={`mute ${css.scroll}`}>{t('sitePlan.work.recentNone')}</p>
      ) : (
        <ul className={css.recent} aria-label={t('sitePlan.work.recent')}>
          {[...works.values()].map((work) => (
            <li key={work.id}>
              <button
                type="button"
                className={css.recentItem}
                onClick={() => showWork(work.id)}
                data-testid={`apply-work-${work.id}`}
              >
                <span className="strong">{t(`sitePlan.work.recentKind.${work.what}`)}</span>
                <span className="mute">
                  <Ago atMs={work.createdAtMs} /> ·{' '}
                  {countWork(work.rows)
                    .map(([stand, count]) => t(`sitePlan.work.counts.${stand}`, { count }))
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
