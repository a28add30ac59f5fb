import { useTranslation } from 'react-i18next'
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

/** One value of one device. */
export const DeviceCell = ({ device, column }: { readonly device: Device; readonly column: SortKey }) => {
  const { t } = useTranslation()
  switch (column) {
    case 'name':
      return <span className={device.managed ? css.name : css.nameMute}>{labelOf(device)}</span>
    case 'model':
      return device.model ? device.model : <Dash />
    case 'phase':
      return device.phase ? t(`devices.phase.${device.phase}`) : <Dash />
    case 'group':
      return device.group ? device.group : <Dash />
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
