import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Device } from '../../../../electron/contract/device'
import type { IdentityCheck } from '../../../../electron/contract/identity'
import { call } from '../../../bridge'
import { Ago } from '../../../components/Ago'
import { Button } from '../../../components/Button'
import { Chain, Fingerprint } from '../../../components/Chain'
import { Facts } from '../../../components/Panel'
import { Pill } from '../../../components/Pill'
import { ErrorBox } from '../../../components/StateBox'
import { useAction } from '../../../components/use-action'
import { labelOf } from '../../../model/device-facts'
import css from '../Drawer.module.css'

/** Who the device is: asked over TLS on demand, drawn from the root to the device. */
export const IdentityTab = ({ device }: { readonly device: Device }) => {
  const { t } = useTranslation()
  const [check, setCheck] = useState<IdentityCheck>()
  const verify = useAction(async () => setCheck(await call('devices.verify', { udn: device.udn })))
  const reason = !device.managed
    ? t('devices.reason.not-managed')
    : !device.online
      ? t('devices.reason.offline')
      : undefined
  const leaf = check?.chain.at(-1)
  return (
    <>
      <p className="mute">{t('devices.drawer.verifyHint')}</p>
      <div className={css.actions}>
        <Button
          small
          busy={verify.busy}
          reason={reason}
          onClick={() => void verify.run()}
          data-testid="drawer-verify"
        >
          {t(verify.busy ? 'devices.drawer.verifying' : 'devices.drawer.verify')}
        </Button>
        {check && (
          <Pill tone={check.trusted ? 'ok' : 'bad'}>
            {t(check.trusted ? 'devices.drawer.good' : 'devices.drawer.bad')}
          </Pill>
        )}
      </div>
      {verify.error && <ErrorBox error={verify.error} subject={labelOf(device)} />}
      {check && !check.trusted && (
        <ErrorBox
          error={{ code: check.code ?? 'IDENTITY_NOT_TRUSTED', detail: check.detail }}
          subject={labelOf(device)}
        />
      )}
      {check && (
        <div className={css.chainColumn}>
          <Chain check={check} />
        </div>
      )}
      {leaf && check && (
        <Facts
          rows={[
            [t('identity.kind'), check.kind ? t(`identity.${check.kind}`) : '—'],
            [
              t('identity.serial'),
              <span key="serial" className="mono select-text">
                {leaf.deviceSerial ?? '—'}
              </span>,
            ],
            [t('identity.fingerprint'), <Fingerprint key="print" value={leaf.fingerprint} />],
            [t('devices.drawer.checked'), <Ago key="ago" atMs={check.checkedAtMs} />],
          ]}
        />
      )}
      {!check && device.proven && (
        <Facts
          rows={[
            [t('identity.kind'), t(`identity.${device.proven.kind}`)],
            [t('identity.fingerprint'), <Fingerprint key="print" value={device.proven.fingerprint} />],
            [t('devices.drawer.checked'), <Ago key="ago" atMs={device.proven.provenAtMs} />],
          ]}
        />
      )}
    </>
  )
}
