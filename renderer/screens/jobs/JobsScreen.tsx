import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../components/Button'
import { Panel, ScreenHead, Teach } from '../../components/Panel'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { sumCounts } from '../../model/batches'
import { clearJobs, useJobs } from '../../stores/jobs'
import { startCommission } from '../../wizards/commission/store'
import { useCountsText } from './batch-parts'
import { JobList } from './JobList'
import css from './Jobs.module.css'

/** Everything that was started, in batches, with the steps of each device. */
export const JobsScreen = () => {
  const { t } = useTranslation()
  const batches = useJobs((list) => list.batches)
  const counts = useMemo(() => sumCounts(batches), [batches])
  const text = useCountsText(counts)
  const clear = useAction(clearJobs)
  const finished = counts.done + counts.failed + counts.cancelled
  return (
    <>
      <ScreenHead title={t('jobs.title')} facts={batches.length > 0 ? text : undefined}>
        {batches.length > 0 && (
          <Button
            busy={clear.busy}
            reason={finished === 0 ? t('jobs.nothingFinished') : undefined}
            onClick={() => void clear.run()}
            needs="jobs.clear"
            data-testid="jobs-clear"
          >
            {t('jobs.clear')}
          </Button>
        )}
      </ScreenHead>
      {clear.error && <ErrorBox error={clear.error} />}
      {batches.length === 0 ? (
        <Panel className={css.scroll}>
          <Teach
            title={t('jobs.empty')}
            testid="jobs-empty"
            actions={
              <Button kind="primary" onClick={() => startCommission([])}>
                {t('jobs.goCommission')}
              </Button>
            }
          >
            <p>{t('jobs.emptyText')}</p>
          </Teach>
        </Panel>
      ) : (
        <JobList batches={batches} />
      )}
    </>
  )
}
