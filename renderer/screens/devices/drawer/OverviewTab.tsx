import { useTranslation } from 'react-i18next'
import { DEVICE_WARNINGS, type Device } from '../../../../electron/contract/device'
import { Ago } from '../../../components/Ago'
import { Facts } from '../../../components/Panel'
import { Sign } from '../../../components/Sign'
import { ErrorBox, StateBox } from '../../../components/StateBox'
import { labelOf, STATE_TONE } from '../../../model/device-facts'
import { isoDate } from '../../../model/time'
import css from '../Drawer.module.css'
import { OverviewLabel } from './OverviewLabel'
import { OverviewWords } from './OverviewWords'

type OurWarning = (typeof DEVICE_WARNINGS)[keyof typeof DEVICE_WARNINGS]
const OURS: ReadonlySet<string> = new Set(Object.values(DEVICE_WARNINGS))
const isOurs = (warning: string): warning is OurWarning => OURS.has(warning)

const Why = ({ device }: { readonly device: Device }) => {
  const { t } = useTranslation()
  if (device.lastErrorCode && (device.state === 'failed' || device.state === 'not-trusted'))
    return <ErrorBox error={{ code: device.lastErrorCode }} subject={labelOf(device)} alert={false} />
  const what =
    device.state === 'not-managed' && device.unmanagedReason
      ? t(`devices.unmanaged.${device.unmanagedReason}`)
      : t(`devices.state.${device.state}.what`)
  return (
    <StateBox
      tone={STATE_TONE[device.state]}
      what={what}
      state={t(`devices.state.${device.state}.state`)}
      next={t(`devices.state.${device.state}.next`)}
    />
  )
}

/** What happened, how it is now, what next; then the facts. */
export const OverviewTab = ({ device }: { readonly device: Device }) => {
  const { t } = useTranslation()
  const dash = '—'
  const identity = device.proven ? (
    <>
      {device.proven.kind} <Sign name="check" size={11} />
      {device.ldevidNotAfter && (
        <> · {t('devices.drawer.ldevidUntil', { date: isoDate(device.ldevidNotAfter) })}</>
      )}
    </>
  ) : (
    t(device.claimedIdentity ? 'devices.drawer.claimed' : 'devices.drawer.notClaimed')
  )
  return (
    <>
      {!device.decommissioned && <Why device={device} />}
      {device.managed && <OverviewWords key={device.udn} device={device} />}
      {device.managed && <OverviewLabel key={`${device.udn} label`} device={device} />}
      <Facts
        rows={[
          [t('devices.drawer.phase'), device.phase ? t(`devices.phase.${device.phase}`) : dash],
          [t('devices.drawer.identity'), identity],
          [
            t('devices.drawer.firmware'),
            device.firmwareVersion ? (
              <span key="firmware" className="mono">
                {device.firmwareVersion}
              </span>
            ) : (
              dash
            ),
          ],
          [
            t('devices.drawer.configuration'),
            device.configurationVersion === undefined
              ? dash
              : t('devices.drawer.version', { version: device.configurationVersion }),
          ],
          [
            t('devices.drawer.lastSeen'),
            <span key="seen">
              <Ago atMs={device.lastSeenMs} />
              {device.addresses[0] && (
                <> {t('devices.drawer.on', { interface: device.addresses[0].interfaceName })}</>
              )}
            </span>,
          ],
          [
            t('devices.drawer.addresses'),
            device.addresses.length === 0 ? (
              dash
            ) : (
              <ul key="addresses">
                {device.addresses.map((one) => (
                  <li key={`${one.interfaceName} ${one.address}`}>
                    <span className="mono select-text">{one.address}</span>{' '}
                    <span className="mute">
                      {one.interfaceName}
                      {one.secureLocation && ` · ${t('devices.drawer.secure')}`}
                    </span>
                  </li>
                ))}
              </ul>
            ),
          ],
          [t('devices.drawer.group'), device.group ?? dash],
          [t('devices.drawer.manufacturer'), device.manufacturer ?? dash],
          [t('devices.drawer.boot'), device.bootId ?? dash],
          [
            t('identity.udn'),
            <span key="udn" className="mono select-text">
              {device.udn}
            </span>,
          ],
        ]}
      />
      {device.warnings.length > 0 && (
        <section>
          <h3>{t('devices.drawer.warnings')}</h3>
          <ul className={css.list}>
            {device.warnings.map((warning) => (
              <li key={warning} className="mute select-text">
                {isOurs(warning) ? t(`sitePlan.warning.${warning}`) : warning}
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  )
}
