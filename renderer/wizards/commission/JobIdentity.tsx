import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { IdentityCheck } from '../../../electron/contract/identity'
import { call } from '../../bridge'
import { Chain, Fingerprint } from '../../components/Chain'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'

/** The identity to approve, asked from the device when it is first looked at. */
export const JobIdentity = ({ udn }: { readonly udn: string }) => {
  const { t } = useTranslation()
  const [check, setCheck] = useState<IdentityCheck>()
  const { run, error } = useAction(async () => setCheck(await call('devices.verify', { udn })))
  useEffect(() => void run(), [run])
  if (error) return <ErrorBox error={error} alert={false} />
  if (!check) return <p className="mute">{t('devices.drawer.verifying')}</p>
  const leaf = check.chain.at(-1)
  return (
    <>
      <Chain check={check} />
      {leaf && (
        <p>
          <span className="mute">
            {t('identity.fingerprint')} · {t('commission.verify.compare')}
          </span>
          <br />
          <Fingerprint value={leaf.fingerprint} />
        </p>
      )}
    </>
  )
}
