import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Device } from '../../../../electron/contract/device'
import { Ago } from '../../../components/Ago'
import { ErrorBox } from '../../../components/StateBox'
import { labelOf } from '../../../model/device-facts'
import { concerns } from '../../../model/job-subject'
import { useJobs } from '../../../stores/jobs'
import { JobStatePill } from '../../jobs/JobSteps'
import css from '../Drawer.module.css'

/** What was done with the device from here, newest first. */
export const HistoryTab = ({ device }: { readonly device: Device }) => {
  const { t } = useTranslation()
  const byId = useJobs((list) => list.byId)
  const jobs = useMemo(
    () =>
      [...byId.values()].filter((job) => concerns(job, device)).sort((a, b) => b.createdAtMs - a.createdAtMs),
    [byId, device],
  )
  if (jobs.length === 0) return <p className="mute">{t('devices.drawer.noHistory')}</p>
  return (
    <ul className={css.list}>
      {jobs.map((job) => (
        <li key={job.id} className={css.item}>
          <div className={css.itemHead}>
            <span className="strong">{t(`jobs.kind.${job.kind}`)}</span>
            <JobStatePill job={job} />
          </div>
          <span className="mute">
            <Ago atMs={job.createdAtMs} />
            {job.attempt > 1 && ` · ${t('jobs.attempt', { count: job.attempt })}`}
          </span>
          {job.error && job.state === 'failed' && (
            <ErrorBox error={job.error} subject={labelOf(device)} alert={false} />
          )}
        </li>
      ))}
    </ul>
  )
}
