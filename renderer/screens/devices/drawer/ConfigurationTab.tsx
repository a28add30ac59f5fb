import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Device } from '../../../../electron/contract/device'
import type { CallAnswer } from '../../../../electron/contract/ipc'
import { call } from '../../../bridge'
import { Button } from '../../../components/Button'
import { ErrorBox } from '../../../components/StateBox'
import { useAction } from '../../../components/use-action'
import { labelOf } from '../../../model/device-facts'
import css from '../Drawer.module.css'

/** What the device really runs, read back from it on demand. */
export const ConfigurationTab = ({ device }: { readonly device: Device }) => {
  const { t } = useTranslation()
  const [answer, setAnswer] = useState<CallAnswer<'devices.configuration'>>()
  const read = useAction(async () => setAnswer(await call('devices.configuration', { udn: device.udn })))
  const enrolled = device.phase === 'operation' || device.phase === 'maintenance'
  const reason = !device.managed
    ? t('devices.reason.not-managed')
    : !enrolled
      ? t('devices.reason.not-enrolled')
      : !device.online
        ? t('devices.reason.offline')
        : undefined
  const values = Object.entries(answer?.values ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  return (
    <>
      <p className="mute">
        {t(enrolled ? 'devices.drawer.configurationHint' : 'devices.drawer.notEnrolled')}
      </p>
      <div className={css.actions}>
        <Button
          small
          busy={read.busy}
          reason={reason}
          onClick={() => void read.run()}
          data-testid="drawer-read-configuration"
        >
          {t('devices.drawer.readConfiguration')}
        </Button>
        {answer && <span className="mute">{t('devices.drawer.version', { version: answer.version })}</span>}
      </div>
      {read.error && <ErrorBox error={read.error} subject={labelOf(device)} />}
      {answer && values.length === 0 && <p>{t('devices.drawer.noValues')}</p>}
      {values.length > 0 && (
        <table className={css.values}>
          <thead>
            <tr>
              <th scope="col">{t('devices.drawer.parameter')}</th>
              <th scope="col">{t('devices.drawer.value')}</th>
            </tr>
          </thead>
          <tbody>
            {values.map(([name, value]) => (
              <tr key={name}>
                <td>{name}</td>
                <td className="mono select-text">{value}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  )
}
