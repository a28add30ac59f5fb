import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useCallback, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { assertNever } from '../../../electron/contract/assert-never'
import { Button } from '../../components/Button'
import { Chips } from '../../components/Chips'
import { Progress } from '../../components/Progress'
import { useLanguage } from '../../i18n'
import { type Batch, countFilter, JOB_FILTERS } from '../../model/batches'
import { type BatchView, type JobLine, jobLines } from '../../model/job-lines'
import { BatchActions, BatchFact, BatchPill, useBatchTitle, useCountsText } from './batch-parts'
import { JobRow } from './JobRow'
import css from './Jobs.module.css'

const HEIGHT: Readonly<Record<JobLine['kind'], number>> = {
  head: 52,
  filters: 44,
  job: 37,
  none: 40,
  end: 45,
  gap: 12,
}

const Head = memo(({ batch }: { readonly batch: Batch }) => {
  const title = useBatchTitle(batch)
  const counts = useCountsText(batch.counts)
  return (
    <section className={css.batchHead} aria-label={title} data-testid={`batch-${batch.id}`}>
      <h2 className={css.batchName} title={title}>
        {title}
      </h2>
      <Progress value={batch.progress} label={title} bad={batch.ended && batch.counts.failed > 0} />
      <span>{counts}</span>
      <span className="mute">
        <BatchFact batch={batch} />
      </span>
      <span>
        <BatchPill batch={batch} />
      </span>
      <span className={css.actions}>
        <BatchActions batch={batch} />
      </span>
    </section>
  )
})

type OnView = (id: string, view: BatchView) => void

const Filters = memo(
  ({ batch, view, onView }: { readonly batch: Batch; readonly view: BatchView; readonly onView: OnView }) => {
    const { t } = useTranslation()
    const language = useLanguage()
    return (
      <div className={css.filters}>
        <Chips
          label={t('endOfLife.batch.filters')}
          all={JOB_FILTERS}
          on={view.filter}
          text={(filter) =>
            `${t(`endOfLife.batch.filter.${filter}`)} ${countFilter(batch.counts, filter).toLocaleString(language)}`
          }
          onPick={(filter) => onView(batch.id, { ...view, filter })}
          testid={`batch-filter-${batch.id}`}
        />
      </div>
    )
  },
)

const End = memo(
  ({
    batch,
    view,
    shown,
    onView,
  }: {
    readonly batch: Batch
    readonly view: BatchView
    readonly shown: number
    readonly onView: OnView
  }) => {
    const { t } = useTranslation()
    const count = countFilter(batch.counts, view.filter)
    return (
      <div className={css.more}>
        <Button
          small
          onClick={() => onView(batch.id, { ...view, all: !view.all })}
          data-testid={`batch-all-${batch.id}`}
        >
          {view.all ? t('endOfLife.batch.hideJobs') : t('jobs.showAll', { count })}
        </Button>
        <span className="mute tnum">{t('endOfLife.batch.jobsOf', { shown, count })}</span>
      </div>
    )
  },
)

const FIRST: BatchView = { all: false, filter: 'all' }

/** Batches with their jobs in one scroller; only lines in sight exist, however many jobs there are. */
export const JobList = ({ batches }: { readonly batches: readonly Batch[] }) => {
  const { t } = useTranslation()
  const scroller = useRef<HTMLDivElement>(null)
  const [views, setViews] = useState<ReadonlyMap<string, BatchView>>(new Map())
  // Ids whose steps are shown, or hidden where they would be shown from the start.
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set())
  const onView = useCallback<OnView>((id, view) => setViews((before) => new Map(before).set(id, view)), [])
  const onToggle = useCallback(
    (id: string) =>
      setTurned((before) => {
        const next = new Set(before)
        if (!next.delete(id)) next.add(id)
        return next
      }),
    [],
  )
  const lines = useMemo(
    () => batches.flatMap((batch) => jobLines(batch, views.get(batch.id) ?? FIRST)),
    [batches, views],
  )
  const single = batches[0]?.jobs.length === 1 ? batches[0].jobs[0]?.id : undefined
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => HEIGHT[lines[index]?.kind ?? 'job'],
    getItemKey: (index) => lines[index]?.key ?? index,
    overscan: 10,
  })
  const draw = (line: JobLine) => {
    switch (line.kind) {
      case 'head':
        return <Head batch={line.batch} />
      case 'filters':
        return <Filters batch={line.batch} view={views.get(line.batch.id) ?? FIRST} onView={onView} />
      case 'job':
        return (
          <JobRow
            job={line.job}
            open={turned.has(line.job.id) !== (line.job.id === single)}
            onToggle={onToggle}
          />
        )
      case 'none':
        return <p className={`mute ${css.more}`}>{t('endOfLife.batch.noneSuch')}</p>
      case 'end':
        return (
          <End
            batch={line.batch}
            view={views.get(line.batch.id) ?? FIRST}
            shown={line.shown}
            onView={onView}
          />
        )
      case 'gap':
        return null
      default:
        return assertNever(line)
    }
  }
  return (
    <section
      ref={scroller}
      className={css.scroll}
      // A scrolling list has to be reachable by keyboard.
      // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
      tabIndex={0}
      aria-label={t('jobs.title')}
      data-testid="job-list"
    >
      <div className={css.lines} style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map((item) => {
          const line = lines[item.index]
          if (!line) return null
          return (
            <div
              key={line.key}
              ref={virtualizer.measureElement}
              data-index={item.index}
              data-kind={line.kind}
              data-last={line.kind === 'gap' ? undefined : lines[item.index + 1]?.kind === 'gap' || undefined}
              className={css.line}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              {draw(line)}
            </div>
          )
        })}
      </div>
    </section>
  )
}
