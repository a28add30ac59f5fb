import { memo, useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { assertNever } from '../../../electron/contract/assert-never'
import type { DecommissionPreview, DecommissionPreviewRow } from '../../../electron/contract/decommission'
import { Button } from '../../components/Button'
import { Panel, Teach } from '../../components/Panel'
import { Pill } from '../../components/Pill'
import { ScrollPart } from '../../components/ScrollPart'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { type TableColumn, VirtualTable } from '../../components/VirtualTable'
import { sumPreview } from '../../model/decommission'
import { go } from '../../stores/view'
import css from '../firmware/Wizard.module.css'
import own from './Decommission.module.css'
import { LeaveForm } from './LeaveForm'
import { RowDetail } from './RowDetail'
import { look, setLeaving, useLeaving } from './store'

type Column = 'device' | 'serial' | 'revoked' | 'wiped' | 'jobs'

const COLUMNS: readonly TableColumn<Column>[] = [
  { key: 'device', min: 140, grow: 1.4, priority: 10 },
  { key: 'serial', min: 120, grow: 1, priority: 5 },
  { key: 'revoked', min: 116, grow: 1.2, priority: 8 },
  { key: 'wiped', min: 168, grow: 0.4, priority: 9 },
  { key: 'jobs', min: 96, grow: 0.3, priority: 4 },
]

const WipedPill = ({ row }: { readonly row: DecommissionPreviewRow }) => {
  const { t } = useTranslation()
  if (row.problem)
    return (
      <Pill tone="neutral" sign="dash">
        {t('endOfLife.check.notPossible')}
      </Pill>
    )
  return row.online ? (
    <Pill tone="info" sign="next">
      {t('endOfLife.check.now')}
    </Pill>
  ) : (
    <Pill tone="warn">{t('endOfLife.check.later')}</Pill>
  )
}

const Cell = memo(({ row, column }: { readonly row: DecommissionPreviewRow; readonly column: Column }) => {
  const { t } = useTranslation()
  const keepOut = useLeaving((leaving) => leaving.keepOut)
  switch (column) {
    case 'device':
      return <span className={row.problem ? 'mute' : 'strong'}>{row.name}</span>
    case 'serial':
      return <span className="mono">{row.serialNumber ?? '—'}</span>
    case 'revoked': {
      if (row.problem) return <span className="mute">—</span>
      if (row.ldevids.length === 0)
        return <span className="mute">{t('endOfLife.check.nothingToRevoke')}</span>
      const certificates = t('endOfLife.check.certificates', { count: row.ldevids.length })
      return keepOut ? t('endOfLife.check.andIdentity', { certificates }) : certificates
    }
    case 'wiped':
      return <WipedPill row={row} />
    case 'jobs':
      return row.jobs > 0 && !row.problem ? (
        <span className="tnum">{row.jobs}</span>
      ) : (
        <span className="mute">{t('endOfLife.check.jobsNone')}</span>
      )
    default:
      return assertNever(column)
  }
})

const keyOf = ({ udn }: DecommissionPreviewRow) => udn
const rowTestid = ({ udn }: DecommissionPreviewRow) => `decommission-row-${udn}`
const stateOf = (row: DecommissionPreviewRow) =>
  row.problem ? 'left-out' : row.online ? 'now' : 'when-it-returns'

const ROW = 36
const HEAD = 35
/** Rows that are shown without scrolling above the detail of one. */
const SHOWN = 6

const Preview = ({ preview }: { readonly preview: DecommissionPreview }) => {
  const { t } = useTranslation()
  const [open, setOpen] = useState<string>()
  const rows = useMemo(
    () => [...preview.rows].sort((a, b) => Number(a.problem !== undefined) - Number(b.problem !== undefined)),
    [preview],
  )
  const sum = useMemo(() => sumPreview(preview.rows), [preview])
  const shown = rows.find(({ udn }) => udn === open) ?? rows[0]
  return (
    <div className={own.split}>
      <Panel className={css.panel} label={t('endOfLife.check.table')}>
        <div className={own.table} style={{ height: Math.min(rows.length, SHOWN) * ROW + HEAD }}>
          <VirtualTable
            rows={rows}
            keyOf={keyOf}
            columns={COLUMNS}
            Cell={Cell}
            head={(column) => <span>{t(`endOfLife.check.column.${column}`)}</span>}
            label={t('endOfLife.check.table')}
            testid="decommission-rows"
            rowTestid={rowTestid}
            stateOf={stateOf}
            open={shown?.udn}
            onOpen={setOpen}
          />
        </div>
        <ScrollPart className={css.scroll} label={shown?.name}>
          {shown && <RowDetail row={shown} />}
        </ScrollPart>
        <div className={css.foot}>
          <Button
            kind={sum.able > 0 ? 'primary' : 'plain'}
            reason={sum.able === 0 ? t('endOfLife.check.nobody') : undefined}
            onClick={() => setLeaving({ step: 'confirm' })}
            needs="decommission.start"
            data-testid="decommission-next"
          >
            {t('endOfLife.check.continue')}
          </Button>
          <span className={`${css.footNote} tnum`} role="status">
            {t('endOfLife.check.counts', { ...sum })}
            {sum.leftOut > 0 && ` · ${t('endOfLife.check.leftOut', { count: sum.leftOut })}`}
          </span>
        </div>
      </Panel>
      <LeaveForm many={sum.able > 1} />
    </div>
  )
}

/** What would be revoked and wiped on each device, and why they leave. Nothing is changed here. */
export const CheckStep = () => {
  const { t } = useTranslation()
  const udns = useLeaving((leaving) => leaving.udns)
  const preview = useLeaving((leaving) => leaving.preview)
  const asking = useAction(look)
  const { run } = asking
  useEffect(() => {
    if (udns.length > 0) void run()
  }, [udns, run])
  if (udns.length === 0)
    return (
      <Panel className={css.panel}>
        <Teach
          title={t('endOfLife.check.none')}
          actions={
            <Button kind="primary" onClick={() => go('devices')}>
              {t('endOfLife.check.toDevices')}
            </Button>
          }
        >
          <p>{t('endOfLife.check.noneText')}</p>
        </Teach>
      </Panel>
    )
  if (asking.error)
    return (
      <ErrorBox error={asking.error}>
        <Button small needs="decommission.preview" onClick={() => void run()}>
          {t('endOfLife.check.again')}
        </Button>
      </ErrorBox>
    )
  if (!preview)
    return (
      <Panel className={css.panel}>
        <p className={`mute ${own.asking}`} role="status">
          {t('endOfLife.check.asking')}
        </p>
      </Panel>
    )
  return <Preview preview={preview} />
}
