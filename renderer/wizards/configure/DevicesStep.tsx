import { memo, useDeferredValue, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { assertNever } from '../../../electron/contract/assert-never'
import type { Device } from '../../../electron/contract/device'
import { Button } from '../../components/Button'
import { Panel, Teach } from '../../components/Panel'
import { Pill } from '../../components/Pill'
import { type TableColumn, VirtualTable } from '../../components/VirtualTable'
import { configureBlock } from '../../model/configuration'
import { labelOf } from '../../model/device-facts'
import { naturalKey } from '../../model/natural'
import { useDevices } from '../../stores/devices'
import css from './Configure.module.css'
import { FilesPart } from './FilesPart'
import { RecentPart } from './RecentPart'
import { choose, showValues, toggle, useConfigure } from './store'

type Column = 'device' | 'model' | 'group' | 'version' | 'why'

const COLUMNS: readonly TableColumn<Column>[] = [
  { key: 'device', min: 150, grow: 2, priority: 10 },
  { key: 'model', min: 80, grow: 0.7, priority: 3 },
  { key: 'group', min: 100, grow: 1, priority: 4 },
  { key: 'version', min: 76, grow: 0.5, priority: 2 },
  { key: 'why', min: 172, grow: 0.9, priority: 9 },
]

const Dash = () => <span className="mute">—</span>

const Why = ({ device }: { readonly device: Device }) => {
  const { t } = useTranslation()
  const block = configureBlock(device)
  return block ? (
    <Pill tone="neutral" sign="dash">
      {t(`devices.reason.${block}`)}
    </Pill>
  ) : (
    <Pill tone="ok">{t('configuration.devices.yes')}</Pill>
  )
}

const Cell = memo(({ row, column }: { readonly row: Device; readonly column: Column }) => {
  const { t } = useTranslation()
  switch (column) {
    case 'device':
      return <span className={configureBlock(row) ? undefined : 'strong'}>{labelOf(row)}</span>
    case 'model':
      return row.model ?? <Dash />
    case 'group':
      return row.group ?? <Dash />
    case 'version':
      return row.configurationVersion === undefined ? (
        <Dash />
      ) : (
        t('configuration.devices.version', { version: row.configurationVersion })
      )
    case 'why':
      return <Why device={row} />
    default:
      return assertNever(column)
  }
})

const keyOf = ({ udn }: Device) => udn
const rowTestid = ({ udn }: Device) => `configure-choose-${udn}`
const stateOf = (device: Device) => configureBlock(device) ?? 'able'
const able = (device: Device) => configureBlock(device) === undefined

const matches = (device: Device, text: string): boolean =>
  [labelOf(device), device.serialNumber, device.model, device.group].some((field) =>
    field?.toLowerCase().includes(text),
  )

/** Which devices; files and earlier changes beside them. */
export const DevicesStep = () => {
  const { t } = useTranslation()
  const all = useDeferredValue(useDevices((list) => list.rows))
  const chosen = useConfigure((place) => place.chosen)
  const [typed, setTyped] = useState('')
  const text = useDeferredValue(typed).trim().toLowerCase()
  const sorted = useMemo(
    () =>
      all
        .filter((device) => configureBlock(device) !== 'not-managed')
        .map((device) => [able(device) ? 0 : 1, naturalKey(labelOf(device)), device] as const)
        .sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0))
        .map(([, , device]) => device),
    [all],
  )
  const shown = useMemo(() => sorted.filter((device) => matches(device, text)), [sorted, text])
  const shownAble = useMemo(() => shown.filter(able), [shown])
  const udns = useMemo(
    () =>
      sorted
        .filter((device) => chosen.has(device.udn) && configureBlock(device) !== 'not-enrolled')
        .map(keyOf),
    [sorted, chosen],
  )
  const chosenShown = shownAble.filter(({ udn }) => chosen.has(udn)).length
  const allChosen = chosenShown > 0 && chosenShown === shownAble.length
  const toggleAll = () => {
    const next = new Set(chosen)
    for (const { udn } of shownAble) {
      if (allChosen) next.delete(udn)
      else next.add(udn)
    }
    choose(next)
  }
  const selectAll = t('configuration.devices.selectAll', { count: shownAble.length })
  return (
    <div className={css.split}>
      <Panel className={css.panel} label={t('configuration.steps.devices')}>
        <div className={css.tools}>
          <input
            type="search"
            className={css.search}
            value={typed}
            placeholder={t('configuration.devices.search')}
            aria-label={t('configuration.devices.search')}
            onChange={(event) => setTyped(event.currentTarget.value)}
            data-testid="configure-search"
          />
          <span className={css.toolsEnd}>
            <Button
              small
              reason={shownAble.length === 0 ? t('configuration.devices.noMatch') : undefined}
              onClick={toggleAll}
              data-testid="configure-select-all"
            >
              {allChosen ? t('configuration.devices.clear') : selectAll}
            </Button>
          </span>
        </div>
        {shown.length === 0 ? (
          <div className={css.scroll}>
            <Teach title={t(text ? 'configuration.devices.noMatch' : 'configuration.devices.noDevices')}>
              <p>{t(text ? 'configuration.devices.noMatchText' : 'configuration.devices.noDevicesText')}</p>
            </Teach>
          </div>
        ) : (
          <VirtualTable
            rows={shown}
            keyOf={keyOf}
            columns={COLUMNS}
            Cell={Cell}
            head={(column) => <span>{t(`configuration.devices.column.${column}`)}</span>}
            label={t('configuration.devices.table')}
            testid="configure-devices"
            rowTestid={rowTestid}
            stateOf={stateOf}
            choice={{
              chosen,
              toggle,
              able,
              labelOf: (device) => t('configuration.devices.select', { name: labelOf(device) }),
              all: (
                <input
                  type="checkbox"
                  className="box"
                  aria-label={selectAll}
                  checked={allChosen}
                  disabled={shownAble.length === 0}
                  ref={(box) => {
                    if (box) box.indeterminate = chosenShown > 0 && !allChosen
                  }}
                  onChange={toggleAll}
                />
              ),
            }}
          />
        )}
        <div className={css.foot}>
          <Button
            kind={udns.length === 0 ? 'plain' : 'primary'}
            reason={udns.length === 0 ? t('configuration.devices.none') : undefined}
            onClick={showValues}
            data-testid="configure-next"
          >
            {t('configuration.continue')}
          </Button>
          <span className="strong tnum" role="status">
            {t('configuration.devices.chosen', { count: udns.length })}
          </span>
        </div>
      </Panel>
      <div className={css.side}>
        <Panel>
          <FilesPart udns={udns} />
        </Panel>
        <Panel className={css.panel}>
          <RecentPart />
        </Panel>
      </div>
    </div>
  )
}
