import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../../components/Button'
import { Dialog } from '../../../components/Dialog'
import { PemField } from '../../../components/Pem'
import { ErrorBox } from '../../../components/StateBox'
import { useAction } from '../../../components/use-action'
import { installAuthority } from '../../../stores/factory'

/** Takes the root's answer: the station's certificate, then the root. */
export const InstallDialog = ({ onClose }: { readonly onClose: () => void }) => {
  const { t } = useTranslation()
  const [pem, setPem] = useState('')
  const install = useAction(async () => {
    await installAuthority(pem)
    onClose()
  })
  const reason = pem.includes('-----BEGIN CERTIFICATE-----')
    ? undefined
    : t('factory.authority.install.notAnswer')
  return (
    <Dialog
      open
      size={620}
      onClose={onClose}
      title={t('factory.authority.install.title')}
      testid="install-dialog"
      actions={
        <>
          <Button onClick={onClose}>{t('shell.back')}</Button>
          <Button
            kind="primary"
            busy={install.busy}
            reason={reason}
            onClick={() => void install.run()}
            needs="authority.install"
            data-testid="install-yes"
          >
            {t('factory.authority.install.yes')}
          </Button>
        </>
      }
    >
      <p>{t('factory.authority.install.hint')}</p>
      <PemField
        label={t('factory.authority.install.answer')}
        value={pem}
        onChange={setPem}
        testid="install-pem"
      />
      {install.error && <ErrorBox error={install.error} />}
    </Dialog>
  )
}
