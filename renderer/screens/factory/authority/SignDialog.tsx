import { NumberInput, PasswordInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CallAnswer } from '../../../../electron/contract/ipc'
import { Button } from '../../../components/Button'
import { Fingerprint } from '../../../components/Chain'
import { Dialog } from '../../../components/Dialog'
import { PemField, PemShown } from '../../../components/Pem'
import { ErrorBox } from '../../../components/StateBox'
import { useAction } from '../../../components/use-action'
import { commonName } from '../../../model/names'
import { fileName } from '../../../model/station-check'
import { installAuthority, signRequest } from '../../../stores/factory'
import css from '../Factory.module.css'

/** As in the contract's authority.sign. */
const QUOTA_MAX = 10_000_000
const DAYS_MAX = 7300

const isWhole = (value: number | string, max: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= max

type Answer = CallAnswer<'authority.sign'>

const Signed = ({
  answer,
  own,
  onClose,
}: {
  readonly answer: Answer
  readonly own: boolean
  readonly onClose: () => void
}) => {
  const { t } = useTranslation()
  const install = useAction(async () => {
    await installAuthority(answer.chainPem)
    onClose()
  })
  return (
    <>
      <p role="status">
        <span className="strong">
          {t('factory.authority.sign.done', { name: commonName(answer.subject) })}
        </span>
        <br />
        <span className="mute">{t('identity.fingerprint')}</span> <Fingerprint value={answer.fingerprint} />
      </p>
      <PemShown
        label={t('factory.authority.sign.answer')}
        pem={answer.chainPem}
        fileName={fileName(commonName(answer.subject), ' answer.pem')}
        testid="sign-answer"
      />
      {own ? (
        <div className={css.actions}>
          <Button
            kind="primary"
            busy={install.busy}
            onClick={() => void install.run()}
            needs="authority.install"
            data-testid="sign-install"
          >
            {t('factory.authority.sign.install')}
          </Button>
        </div>
      ) : (
        <p>{t('factory.authority.sign.carry')}</p>
      )}
      {install.error && <ErrorBox error={install.error} />}
    </>
  )
}

/** The root signs a station's request: how many certificates, for how long. */
export const SignDialog = ({
  ownRequest,
  onClose,
}: {
  readonly ownRequest: string | undefined
  readonly onClose: () => void
}) => {
  const { t } = useTranslation()
  const [own] = useState(ownRequest)
  const [pem, setPem] = useState(ownRequest ?? '')
  const [quota, setQuota] = useState<number | string>(10_000)
  const [days, setDays] = useState<number | string>(365)
  const [passphrase, setPassphrase] = useState('')
  const [answer, setAnswer] = useState<Answer>()
  const sign = useAction(async () => {
    if (!isWhole(quota, QUOTA_MAX) || !isWhole(days, DAYS_MAX)) return
    setAnswer(await signRequest({ requestPem: pem, passphrase, quota, days }))
    setPassphrase('')
  })
  const reason = !pem.includes('-----BEGIN CERTIFICATE REQUEST-----')
    ? t('factory.authority.sign.notRequest')
    : !isWhole(quota, QUOTA_MAX)
      ? t('factory.authority.sign.badQuota')
      : !isWhole(days, DAYS_MAX)
        ? t('factory.authority.sign.badDays')
        : passphrase === ''
          ? t('factory.authority.sign.passphraseNeeded')
          : undefined
  return (
    <Dialog
      open
      size={640}
      onClose={onClose}
      title={t('factory.authority.sign.title')}
      testid="sign-dialog"
      actions={
        answer ? (
          <Button onClick={onClose} data-testid="sign-close">
            {t('shell.close')}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>{t('shell.back')}</Button>
            <Button
              kind="primary"
              busy={sign.busy}
              reason={reason}
              onClick={() => void sign.run()}
              needs="authority.sign"
              data-testid="sign-yes"
            >
              {t('factory.authority.sign.yes')}
            </Button>
          </>
        )
      }
    >
      {answer ? (
        <Signed answer={answer} own={own !== undefined && pem === own} onClose={onClose} />
      ) : (
        <>
          <p>{t('factory.authority.sign.hint')}</p>
          <PemField
            label={t('factory.authority.sign.request')}
            value={pem}
            onChange={setPem}
            testid="sign-request"
          />
          <div className={css.pair}>
            <NumberInput
              label={t('factory.authority.sign.quota')}
              description={t('factory.authority.sign.quotaHint')}
              value={quota}
              onChange={setQuota}
              min={1}
              max={QUOTA_MAX}
              allowDecimal={false}
              hideControls
              data-testid="sign-quota"
            />
            <NumberInput
              label={t('factory.authority.sign.days')}
              description={t('factory.authority.sign.daysHint')}
              value={days}
              onChange={setDays}
              min={1}
              max={DAYS_MAX}
              allowDecimal={false}
              hideControls
              data-testid="sign-days"
            />
          </div>
          <PasswordInput
            label={t('factory.authority.sign.passphrase')}
            value={passphrase}
            maxLength={256}
            autoComplete="off"
            onChange={(event) => setPassphrase(event.currentTarget.value)}
            onKeyDown={(event) => event.key === 'Enter' && !reason && void sign.run()}
            data-testid="sign-passphrase"
          />
          {sign.error && <ErrorBox error={sign.error} />}
        </>
      )}
    </Dialog>
  )
}
