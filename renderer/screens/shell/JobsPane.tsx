import { IconChevronDown, IconChevronUp } from '@tabler/icons-react'
import { memo, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { Announcer } from '../../components/Announcer'
import { Button } from '../../components/Button'
import { Progress } from '../../components/Progress'
import { type Batch, sumCounts } from '../../model/batches'
import { useJobs } from '../../stores/jobs'
import { go, toggleJobs, useView } from '../../stores/view'
import { BatchActions, BatchFact, BatchPill, useBatchTitle, useCountsText } from '../jobs/batch-parts'
import css from './Shell.module.css'

const SHOWN = 8

const BatchRow = memo(({ batch }: { readonly batch: Batch }) => {
  const title = useBatchTitle(batch)
  const counts = useCountsText(batch.counts)
  return (
    <li className={css.row} data-testid={`pane-batch-${batch.id}`}>
      <span className={css.rowName} title={title}>
        {title}
      </span>
      <Progress value={batch.progress} label={title} bad={batch.ended && batch.counts.failed > 0} />
      <span>{counts}</span>
      <span className="mute">
        <BatchFact batch={batch} />
      </span>
      <span>
        <BatchPill batch={batch} />
      </span>
      <span className={css.rowActions}>
        <BatchActions batch={batch} />
      </span>
    </li>
  )
})

const useAnnouncement = (batches: readonly Batch[]): string => {
  const { t } = useTranslation()
  const active = batches.find((batch) => !batch.ended) ?? batches[0]
  const title = useBatchTitle(active)
  const counts = useCountsText(active?.counts)
  if (!active) return ''
  const you = active.counts.needsYou > 0 ? ` ${t('jobs.announceYou', { count: active.counts.needsYou })}` : ''
  return `${t('jobs.announce', { title, counts })}${you}`
}

/** What was started, on every screen: counts, progress, and the next thing that a person can do about it. */
export const JobsPane = () => {
  const { t } = useTranslation()
  const batches = useJobs((list) => list.batches)
  const open = useView((view) => view.jobsOpen)
  const announcement = useAnnouncement(batches)
  const counts = useMemo(() => sumCounts(batches), [batches])
  const shown = useMemo(
    () =>
      [...batches.filter((batch) => !batch.ended), ...batches.filter((batch) => batch.ended)].slice(0, SHOWN),
    [batches],
  )
  const summary = [
    counts.running > 0 && t('jobs.summary.running', { count: counts.running }),
    counts.needsYou > 0 && t('jobs.summary.needsYou', { count: counts.needsYou }),
    counts.waiting > 0 && t('jobs.summary.waiting', { count: counts.waiting }),
  ].filter(Boolean)
  return (
    <section className={css.pane} aria-label={t('jobs.pane')} data-testid="jobs-pane">
      <Announcer text={announcement} />
      <div className={css.paneHead}>
        <h2>{t('jobs.pane')}</h2>
        <span className={`mute ${css.paneFact}`}>
          {batches.length === 0
            ? t('jobs.paneEmpty')
            : summary.length > 0
              ? summary.join(' · ')
              : t('jobs.summary.none')}
        </span>
        {batches.length > 0 && (
          <>
            <span className={`mute ${css.paneNote}`}>{t('jobs.goesOn')}</span>
            {batches.length > SHOWN && (
              <Button small kind="quiet" onClick={() => go('jobs')}>
                {t('jobs.more', { count: batches.length - SHOWN })}
              </Button>
            )}
            <Button
              small
              kind="quiet"
              onClick={toggleJobs}
              aria-expanded={open}
              aria-label={t(open ? 'jobs.hide' : 'jobs.show')}
              data-testid="jobs-toggle"
            >
              {open ? (
                <IconChevronDown size={16} aria-hidden="true" />
              ) : (
                <IconChevronUp size={16} aria-hidden="true" />
              )}
            </Button>
          </>
        )}
      </div>
      {open && batches.length > 0 && (
        // A scrolling list has to be reachable by keyboard.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
        <ul className={css.rows} tabIndex={0} aria-label={t('jobs.pane')}>
          {shown.map((batch) => (
            <BatchRow key={batch.id} batch={batch} />
          ))}
        </ul>
      )}
    </section>
  )
}
