import { memo, useDeferredValue, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { assertNever } from '../../../electron/contract/assert-never'
import type { Device } from '../../../electron/contract/device'
import { Button } from '../../components/Button'
import { Panel, Teach } from '../../components/Panel'
import { type TableColumn, VirtualTable } from '../../components/VirtualTable'
import { checkBlock } from '../../model/check'
import { labelOf } from '../../model/device-facts'
import { DEFAULT_QUERY, queryRows } from '../../model/device-rows'
import { HealthWord } from '../../screens/diagnostics/HealthWord'
import board from '../../screens/firmware/Board.module.css'
import { useDevices } from '../../stores/devices'
import css from '../firmware/Wizard.module.css'
import { chooseForCheck, showDiagnostics, toggleForCheck, toPlace, useDiagnostics } from './store'

type Column = 'name' | 'model' | 'group' | 'health' | 'state'

const COLUMNS: readonly TableColumn<Column>[] = [
  { key: 'name', min: 170, grow: 2, priority: 10 },
  { key: 'model', min: 90, grow: 0.6, priority: 3 },
  { key: 'group', min: 110, grow: 1, priority: 4 },
  { key: 'health', min: 110, grow: 0.5, priority: 8 },
  { key: 'state', min: 220, grow: 2, priority: 9 },
]

const Cell = memo(({ row, column }: { readonly row: Device; readonly column: Column }) => {
  const { t } = useTranslation()
  const block = checkBlock(row)
  switch (column) {
    case 'name':
      return <span className={block ? undefined : 'strong'}>{labelOf(row)}</span>
    case 'model':
      return row.model ?? '—'
    case 'group':
      return row.group ?? '—'
    case 'health':
      return <HealthWord health={row.health} />
    case 'state':
      return (
        <span className="mute">
          {block
            ? t(`diagnostics.wizard.block.${block}`)
            : t(row.online ? 'diagnostics.wizard.can' : 'diagnostics.wizard.offline')}
        </span>
      )
    default:
      return assertNever(column)
  }
})

const HEADS = {
  name: 'devices.column.name',
  model: 'devices.column.model',
  group: 'devices.column.group',
  health: 'devices.column.health',
  state: 'diagnostics.wizard.state',
} as const

const keyOf = ({ udn }: Device) => udn
const rowTestid = ({ udn }: Device) => `check-choose-${udn}`
const able = (device: Device) => checkBlock(device) === undefined

/** Which devices; those that cannot be checked stay, with the reason. */
export const ChooseStep = () => {
  const { t } = useTranslation()
  const devices = useDeferredValue(useDevices((list) => list.rows))
  const chosen = useDiagnostics((place) => place.chosen)
  const [typed, setTyped] = useState('')
  const text = useDeferredValue(typed)
  const shown = useMemo(() => {
    const rows = queryRows(devices, { ...DEFAULT_QUERY, text, sort: 'health' })
    return [...rows.filter(able), ...rows.filter((device) => !able(device))]
  }, [devices, text])
  const fitting = useMemo(() => shown.filter(able), [shown])
  const valid = useMemo(
    () => devices.filter((device) => chosen.has(device.udn) && able(device)).length,
    [devices, chosen],
  )
  const all = fitting.length > 0 && fitting.every(({ udn }) => chosen.has(udn))
  const toggleAll = () => {
    const next = new Set(chosen)
    for (const { udn } of fitting) {
      if (all) next.delete(udn)
      else next.add(udn)
    }
    chooseForCheck(next)
  }
  return (
    <Panel className={css.panel} label={t('diagnostics.wizard.steps.choose')}>
      <div className={board.tools}>
        <Button small onClick={toggleAll} data-testid="check-choose-all">
          {t('diagnostics.wizard.chooseAll')}
        </Button>
        <input
          type="search"
          className={board.search}
          value={typed}
          placeholder={t('diagnostics.search')}
          aria-label={t('diagnostics.search')}
          onChange={(event) => setTyped(event.currentTarget.value)}
          data-testid="check-search"
        />
      </div>
      {shown.length === 0 ? (
        <Teach title={t('diagnostics.empty.noMatch')}>
          <p>{t('diagnostics.empty.noMatchText')}</p>
        </Teach>
      ) : (
        <VirtualTable
          rows={shown}
          keyOf={keyOf}
          columns={COLUMNS}
          Cell={Cell}
          head={(column) => <span>{t(HEADS[column])}</span>}
          label={t('diagnostics.wizard.steps.choose')}
          testid="check-devices"
          rowTestid={rowTestid}
          choice={{
            chosen,
            toggle: toggleForCheck,
            able,
            labelOf: (device) => t('devices.selectRow', { name: labelOf(device) }),
            all: (
              <input
                type="checkbox"
                className="box"
                aria-label={t('diagnostics.wizard.chooseAll')}
                checked={all}
                onChange={toggleAll}
              />
            ),
          }}
        />
      )}
      <div className={css.foot}>
        <Button
          kind={valid === 0 ? 'plain' : 'primary'}
          reason={valid === 0 ? t('diagnostics.wizard.nothing') : undefined}
          onClick={() => toPlace({ at: 'tests' })}
          data-testid="check-next"
        >
          {t('diagnostics.wizard.continue')}
        </Button>
        <Button onClick={() => showDiagnostics()} data-testid="check-back">
          {t('shell.back')}
        </Button>
        <span className="strong tnum" role="status">
          {t('diagnostics.wizard.chosen', { count: valid })}
        </span>
      </div>
    </Panel>
  )
}
