import { NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import {
  type IssuedCertificateView,
  isPhrase,
  REVOCATION_REASON_NAMES,
  type RevocationReason,
  revokePhrase,
} from '../../../electron/contract/decommission'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { revokeCertificate } from '../../stores/revocation'
import css from './Decommissioned.module.css'

/** Revoking one certificate, confirmed by words typed by hand. */
export const RevokeDialog = ({
  certificate,
  onClose,
}: {
  readonly certificate: IssuedCertificateView
  readonly onClose: () => void
}) => {
  const { t } = useTranslation()
  const { serialNumber, name, kind } = certificate
  const [reason, setReason] = useState<RevocationReason>(
    kind === 'Controller' ? 'privilege-withdrawn' : 'cessation-of-operation',
  )
  const [typed, setTyped] = useState('')
  const phrase = revokePhrase(serialNumber)
  const right = isPhrase(typed, phrase)
  const revoke = useAction(async () => {
    await revokeCertificate(serialNumber, reason, typed)
    onClose()
  })
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('endOfLife.certificates.dialog.title', { name })}
      size={520}
      testid="revoke-dialog"
      actions={
        <>
          <Button onClick={onClose}>{t('shell.back')}</Button>
          <Button
            kind={right ? 'danger' : 'plain'}
            busy={revoke.busy}
            reason={right ? undefined : t('endOfLife.confirm.notYet')}
            onClick={() => void revoke.run()}
            needs="revocation.revoke"
            data-testid="revoke-yes"
          >
            {t('endOfLife.certificates.dialog.yes')}
          </Button>
        </>
      }
    >
      <form
        className={css.dialog}
        onSubmit={(event) => {
          event.preventDefault()
          if (right) void revoke.run()
        }}
      >
        <p>
          {t('endOfLife.certificates.dialog.what', { name })}{' '}
          {kind === 'LDevID' && t('endOfLife.certificates.dialog.device')}
        </p>
        <NativeSelect
          label={t('endOfLife.certificates.dialog.reason')}
          value={reason}
          data={REVOCATION_REASON_NAMES.map((one) => ({
            value: one,
            label: t(`endOfLife.certificates.reason.${one}`),
          }))}
          onChange={({ currentTarget: { value } }) =>
            setReason(REVOCATION_REASON_NAMES.find((one) => one === value) ?? 'unspecified')
          }
          data-testid="revoke-reason"
        />
        <div>
          <p className="mute">{t('endOfLife.certificates.dialog.type')}</p>
          <p className={css.phrase} data-testid="revoke-phrase-wanted">
            {phrase}
          </p>
        </div>
        <TextInput
          label={t('endOfLife.certificates.dialog.field')}
          value={typed}
          maxLength={120}
          autoComplete="off"
          spellCheck={false}
          classNames={{ input: 'mono' }}
          data-autofocus
          onChange={(event) => setTyped(event.currentTarget.value)}
          data-testid="revoke-phrase"
        />
        {revoke.error && <ErrorBox error={revoke.error} subject={name} />}
      </form>
    </Dialog>
  )
}
