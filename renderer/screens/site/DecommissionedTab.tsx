import { memo, useDeferredValue, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { assertNever } from '../../../electron/contract/assert-never'
import type { DecommissionView } from '../../../electron/contract/decommission'
import { Ago } from '../../components/Ago'
import { Panel, Teach } from '../../components/Panel'
import { Pill } from '../../components/Pill'
import { ErrorBox } from '../../components/StateBox'
import { useMirror } from '../../components/use-mirror'
import { type TableColumn, VirtualTable } from '../../components/VirtualTable'
import { LEAVING_TONE } from '../../model/decommission'
import { openDecommissions, useDecommissions } from '../../stores/decommission'
import css from './Decommissioned.module.css'
import { DecommissionedDetail } from './DecommissionedDetail'

type Column = 'device' | 'serial' | 'state' | 'reason' | 'when'

const COLUMNS: readonly TableColumn<Column>[] = [
  { key: 'device', min: 130, grow: 1.4, priority: 10 },
  { key: 'serial', min: 110, grow: 1, priority: 8 },
  { key: 'state', min: 210, grow: 0.4, priority: 9 },
  { key: 'reason', min: 120, grow: 0.6, priority: 4 },
  { key: 'when', min: 100, grow: 0.5, priority: 5 },
]

const Cell = memo(({ row, column }: { readonly row: DecommissionView; readonly column: Column }) => {
  const { t } = useTranslation()
  switch (column) {
    case 'device':
      return <span className="strong">{row.name}</span>
    case 'serial':
      return <span className="mono">{row.serialNumber ?? '—'}</span>
    case 'state':
      return <Pill tone={LEAVING_TONE[row.state]}>{t(`endOfLife.state.${row.state}`)}</Pill>
    case 'reason':
      return t(`endOfLife.reasonShort.${row.reason}`)
    case 'when':
      return <Ago atMs={row.orderedAtMs} className="mute" />
    default:
      return assertNever(column)
  }
})

const keyOf = ({ id }: DecommissionView) => id
const rowTestid = ({ udn }: DecommissionView) => `decommissioned-row-${udn}`
const stateOf = ({ state }: DecommissionView) => state

/** Every device that has left, with what it proved. */
export const DecommissionedTab = () => {
  const { t } = useTranslation()
  const error = useMirror(openDecommissions)
  const records = useDecommissions((mirror) => mirror.records)
  const loaded = useDecommissions((mirror) => mirror.loaded)
  const [typed, setTyped] = useState('')
  const text = useDeferredValue(typed).trim().toLowerCase()
  const [open, setOpen] = useState<string>()
  const shown = useMemo(
    () =>
      records.filter((record) =>
        [
          record.name,
          record.serialNumber,
          record.model,
          record.place,
          record.note,
          record.orderedBy,
          t(`endOfLife.reasonShort.${record.reason}`),
          record.udn,
        ].some((field) => field?.toLowerCase().includes(text)),
      ),
    [records, text, t],
  )
  const chosen = shown.find(({ id }) => id === open) ?? shown[0]
  if (error) return <ErrorBox error={error} />
  if (records.length === 0)
    return (
      <Panel className={css.panel}>
        {loaded && (
          <Teach title={t('endOfLife.records.empty')} testid="decommissioned-empty">
            <p>{t('endOfLife.records.emptyText')}</p>
          </Teach>
        )}
      </Panel>
    )
  return (
    <div className={css.split}>
      <Panel className={css.panel} label={t('endOfLife.records.title')}>
        <div className={css.tools}>
          <input
            type="search"
            className={css.search}
            value={typed}
            placeholder={t('endOfLife.records.search')}
            aria-label={t('endOfLife.records.search')}
            onChange={(event) => setTyped(event.currentTarget.value)}
            data-testid="decommissioned-search"
          />
          <span className={`mute tnum ${css.end}`} role="status">
            {shown.length < records.length
              ? t('endOfLife.records.shownOf', { shown: shown.length, count: records.length })
              : t('endOfLife.records.counts', { count: records.length })}
          </span>
        </div>
        {shown.length === 0 ? (
          <div className={css.scroll}>
            <p className="strong">{t('endOfLife.records.noMatch')}</p>
          </div>
        ) : (
          <VirtualTable
            rows={shown}
            keyOf={keyOf}
            columns={COLUMNS}
            Cell={Cell}
            head={(column) => <span>{t(`endOfLife.records.column.${column}`)}</span>}
            label={t('endOfLife.records.title')}
            testid="decommissioned-table"
            rowTestid={rowTestid}
            stateOf={stateOf}
            open={chosen?.id}
            onOpen={setOpen}
          />
        )}
        <div className={`${css.foot} mute`}>{t('endOfLife.records.hint')}</div>
      </Panel>
      {chosen ? (
        <DecommissionedDetail key={chosen.id} record={chosen} />
      ) : (
        <Panel className={css.panel}>
          <Teach title={t('endOfLife.records.choose')}>
            <p>{t('endOfLife.records.chooseText')}</p>
          </Teach>
        </Panel>
      )}
    </div>
  )
}
