import type { TFunction } from 'i18next'
import { memo } from 'react'
import { assertNever } from '../../../electron/contract/assert-never'
import type { Device } from '../../../electron/contract/device'
import { Ago } from '../../components/Ago'
import { labelOf } from '../../model/device-facts'
import type { SortKey } from '../../model/device-rows'
import { isoDate } from '../../model/time'
import { HealthWord } from '../diagnostics/HealthWord'
import css from './Devices.module.css'
import { StatePill } from './StateCell'

const Dash = () => <span className="mute">—</span>

interface Props {
  readonly device: Device
  readonly column: SortKey
  /** Of the table, once for all its cells: a hook in each would cost more than drawing them. */
  readonly t: TFunction
}

/** What a cell shows, as one text: while it stays the same, the cell is not drawn anew. */
const shownOf = (device: Device, column: SortKey): string => {
  switch (column) {
    case 'name':
      return `${device.managed} ${labelOf(device)} ${device.place ?? ''}`
    case 'model':
      return device.model ?? ''
    case 'phase':
      return device.phase ?? ''
    case 'group':
      return device.group ?? ''
    case 'place':
      return device.place ?? ''
    case 'firmware':
      return device.firmwareVersion ?? ''
    case 'state':
      return `${device.state} ${device.decommissioned ?? ''} ${device.ldevidNotAfter ?? ''}`
    case 'health':
      return device.health
        ? `${device.health.level} ${device.health.feed} ${device.health.alarms.join()}`
        : ''
    case 'certificate':
      return device.ldevidNotAfter ?? ''
    case 'address':
      return device.addresses.map(({ address, interfaceName }) => `${address} ${interfaceName}`).join()
    case 'seen':
      return String(device.lastSeenMs)
    default:
      return assertNever(column)
  }
}

const Value = ({ device, column, t }: Props) => {
  switch (column) {
    case 'name':
      // Where the window is too narrow for the place, it is told on hover.
      return (
        <span className={device.managed ? css.name : css.nameMute} title={device.place}>
          {labelOf(device)}
        </span>
      )
    case 'model':
      return device.model ? device.model : <Dash />
    case 'phase':
      return device.phase ? t(`devices.phase.${device.phase}`) : <Dash />
    case 'group':
      return device.group ? device.group : <Dash />
    case 'place':
      return device.place ? <span title={device.place}>{device.place}</span> : <Dash />
    case 'firmware':
      return device.firmwareVersion ? <span className="mono">{device.firmwareVersion}</span> : <Dash />
    case 'state':
      return <StatePill device={device} />
    case 'health':
      return <HealthWord health={device.health} />
    case 'certificate':
      return device.ldevidNotAfter ? (
        <span className="tnum" title={device.ldevidNotAfter}>
          {isoDate(device.ldevidNotAfter)}
        </span>
      ) : (
        <Dash />
      )
    case 'address': {
      const [first, ...more] = device.addresses
      if (!first) return <Dash />
      return (
        <span
          className="mono"
          title={device.addresses.map((one) => `${one.address} · ${one.interfaceName}`).join('\n')}
        >
          {first.address}
          {more.length > 0 && (
            <span className="mute"> {t('devices.moreAddresses', { count: more.length })}</span>
          )}
        </span>
      )
    }
    case 'seen':
      return <Ago atMs={device.lastSeenMs} className="mute" />
    default:
      return assertNever(column)
  }
}

/** One value of one device. */
export const DeviceCell = memo(
  Value,
  (before, now) =>
    before.column === now.column &&
    before.t === now.t &&
    (before.device === now.device || shownOf(before.device, now.column) === shownOf(now.device, now.column)),
)
