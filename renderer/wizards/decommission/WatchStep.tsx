import { memo, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { assertNever } from '../../../electron/contract/assert-never'
import type { DecommissionView } from '../../../electron/contract/decommission'
import type { Job } from '../../../electron/contract/job'
import { Announcer } from '../../components/Announcer'
import { Button } from '../../components/Button'
import { Panel, Teach } from '../../components/Panel'
import { Pill } from '../../components/Pill'
import { ScrollPart } from '../../components/ScrollPart'
import { ErrorBox, StateBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { useMirror } from '../../components/use-mirror'
import { type TableColumn, VirtualTable } from '../../components/VirtualTable'
import { countLeaving, LEAVING_TONE, leavingRank } from '../../model/decommission'
import { labelOf } from '../../model/device-facts'
import { JobExplanation, JobSteps } from '../../screens/jobs/JobSteps'
import { SaveCertificate } from '../../screens/site/SaveCertificate'
import { openDecommissions, useDecommissions } from '../../stores/decommission'
import { useDevices } from '../../stores/devices'
import { retryJobs, useJobs } from '../../stores/jobs'
import { go, setSiteTab } from '../../stores/view'
import css from '../firmware/Wizard.module.css'
import own from './Decommission.module.css'
import { LifeStages } from './LifeStages'

interface WatchRow {
  readonly id: string
  readonly udn: string
  readonly name: string
  readonly serialNumber: string | undefined
  readonly state: DecommissionView['state']
  readonly job: Job['state'] | undefined
}

type Column = 'device' | 'stages' | 'state'

/** States in which there is nothing to try again. */
const UNTRIED: ReadonlySet<DecommissionView['state']> = new Set(['ordered', 'frozen', 'closed'])

const COLUMNS: readonly TableColumn<Column>[] = [
  { key: 'device', min: 104, grow: 0.3, priority: 10 },
  { key: 'stages', min: 376, grow: 0.2, priority: 9 },
  { key: 'state', min: 156, grow: 0.3, priority: 5 },
]

const RowPill = ({ row }: { readonly row: WatchRow }) => {
  const { t } = useTranslation()
  if (row.job === 'failed' || row.job === 'cancelled')
    return <Pill tone="bad">{t('endOfLife.watch.failed')}</Pill>
  // Its record waits for the device also while the device is being looked for.
  if (row.state === 'queued' && row.job !== undefined && row.job !== 'waiting')
    return <Pill tone="info">{t('endOfLife.state.revoked')}</Pill>
  return (
    <Pill tone={LEAVING_TONE[row.state]}>
      {t(row.state === 'queued' ? 'endOfLife.watch.waits' : `endOfLife.state.${row.state}`)}
    </Pill>
  )
}

const Cell = memo(({ row, column }: { readonly row: WatchRow; readonly column: Column }) => {
  switch (column) {
    case 'device':
      return (
        <span className="strong" title={row.serialNumber}>
          {row.name}
        </span>
      )
    case 'stages':
      return <LifeStages state={row.state} job={row.job} />
    case 'state':
      return <RowPill row={row} />
    default:
      return assertNever(column)
  }
})

const keyOf = ({ id }: WatchRow) => id
const rowTestid = ({ udn }: WatchRow) => `decommission-state-${udn}`
const stateOf = ({ state }: WatchRow) => state

/** Rows of the jobs; one that has not changed keeps its object, so that drawing can skip it. */
const useRows = (ids: readonly string[]): readonly WatchRow[] => {
  const records = useDecommissions((mirror) => mirror.byId)
  const jobs = useJobs((list) => list.byId)
  const [known] = useState(() => new Map<string, WatchRow>())
  return useMemo(() => {
    const rows = ids.flatMap((id): WatchRow[] => {
      const record = records.get(id)
      const job = jobs.get(id)
      if (!record && !job) return []
      const udn = record?.udn ?? job?.subject ?? ''
      const name = record?.name ?? labelOf(useDevices.getState().byUdn.get(udn), udn)
      const row = {
        id,
        udn,
        name,
        serialNumber: record?.serialNumber,
        state: record?.state ?? 'ordered',
        job: job?.state,
      } as const
      const before = known.get(id)
      if (before && before.state === row.state && before.job === row.job && before.name === row.name)
        return [before]
      known.set(id, row)
      return [row]
    })
    return rows
  }, [ids, records, jobs, known])
}

const Detail = ({ row }: { readonly row: WatchRow }) => {
  const { t } = useTranslation()
  const record = useDecommissions(({ byId }) => byId.get(row.id))
  const job = useJobs(({ byId }) => byId.get(row.id))
  const retry = useAction(retryJobs)
  const ended = job?.state === 'failed' || job?.state === 'cancelled'
  return (
    <Panel className={css.panel} label={row.name}>
      <div className={own.detailHead}>
        <h2>{row.name}</h2>
        <span className="mono mute">{row.serialNumber}</span>
      </div>
      <ScrollPart className={css.scroll} label={row.name} testid="decommission-detail">
        {retry.error && <ErrorBox error={retry.error} subject={row.name} />}
        {job?.state === 'waiting' && row.state === 'queued' ? (
          <StateBox
            tone="warn"
            what={t('endOfLife.watch.waitBox.what', { name: row.name })}
            state={t('endOfLife.watch.waitBox.state')}
            next={t('endOfLife.watch.waitBox.next')}
          />
        ) : (
          job && (
            <JobExplanation job={job} label={row.name}>
              {ended && (
                <Button
                  small
                  busy={retry.busy}
                  onClick={() => void retry.run([job.id])}
                  needs="decommission.start"
                  data-testid={`decommission-retry-${row.udn}`}
                >
                  {t('jobs.retry')}
                </Button>
              )}
            </JobExplanation>
          )
        )}
        {row.state === 'certified' && (
          <StateBox
            tone="ok"
            what={t('endOfLife.watch.doneBox.what', { count: 1 })}
            state={t('endOfLife.watch.doneBox.state')}
            next={t('endOfLife.watch.doneBox.next')}
          >
            {record && <SaveCertificate record={record} />}
          </StateBox>
        )}
        {job && <JobSteps job={job} label={row.name} />}
      </ScrollPart>
    </Panel>
  )
}

/** How far each device is: revoked first, then wiped, proven, certified. Its end is the same page. */
export const WatchStep = ({ ids }: { readonly ids: readonly string[] }) => {
  const { t } = useTranslation()
  const error = useMirror(openDecommissions)
  const loaded = useDecommissions((mirror) => mirror.loaded)
  const rows = useRows(ids)
  const [open, setOpen] = useState<string>()
  const retry = useAction(retryJobs)
  const counts = useMemo(() => countLeaving(rows), [rows])
  const all = rows.length > 0 && counts.certified === rows.length
  const failed = rows.filter(
    // Before anything was revoked it is ordered anew, with its words.
    ({ state, job }) => !UNTRIED.has(state) && (job === 'failed' || job === 'cancelled'),
  )
  const text = t('endOfLife.watch.counts', { ...counts })
  const worst = useMemo(
    () => [...rows].sort((a, b) => leavingRank(a.state, a.job) - leavingRank(b.state, b.job))[0],
    [rows],
  )
  const shown = rows.find(({ id }) => id === open) ?? worst
  if (error) return <ErrorBox error={error} />
  if (rows.length === 0)
    return (
      <Panel className={css.panel}>
        {loaded && (
          <Teach
            title={t('endOfLife.watch.gone')}
            actions={
              <Button
                kind="primary"
                onClick={() => {
                  setSiteTab('decommissioned')
                  go('site')
                }}
              >
                {t('endOfLife.watch.records')}
              </Button>
            }
          >
            <p>{t('endOfLife.watch.goneText')}</p>
          </Teach>
        )}
      </Panel>
    )
  return (
    <div className={own.watch}>
      <Announcer text={text} />
      <Panel className={css.panel} label={t('endOfLife.watch.table')}>
        <div className={own.head}>
          <span className="strong tnum" data-testid="decommission-counts">
            {text}
          </span>
        </div>
        <VirtualTable
          rows={rows}
          keyOf={keyOf}
          columns={COLUMNS}
          Cell={Cell}
          head={(column) => <span>{t(`endOfLife.watch.column.${column}`)}</span>}
          label={t('endOfLife.watch.table')}
          testid="decommission-states"
          rowTestid={rowTestid}
          stateOf={stateOf}
          open={shown?.id}
          onOpen={setOpen}
        />
        {retry.error && (
          <div className={css.footError}>
            <ErrorBox error={retry.error} />
          </div>
        )}
        <div className={css.foot}>
          {failed.length > 0 && (
            <Button
              busy={retry.busy}
              onClick={() => void retry.run(failed.map(({ id }) => id))}
              needs="jobs.retry"
              data-testid="decommission-retry"
            >
              {t('endOfLife.watch.retry', { count: failed.length })}
            </Button>
          )}
          <Button
            kind={all ? 'primary' : 'plain'}
            onClick={() => go('devices')}
            data-testid={all ? 'decommission-done' : 'decommission-leave'}
          >
            {t(all ? 'endOfLife.watch.done' : 'endOfLife.check.toDevices')}
          </Button>
          <Button
            onClick={() => {
              setSiteTab('decommissioned')
              go('site')
            }}
            data-testid="decommission-records"
          >
            {t('endOfLife.watch.records')}
          </Button>
          {!all && <span className={css.footNote}>{t('endOfLife.watch.goesOn')}</span>}
        </div>
      </Panel>
      {shown && <Detail key={shown.id} row={shown} />}
    </div>
  )
}
