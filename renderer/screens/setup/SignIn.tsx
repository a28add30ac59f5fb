import { PasswordInput, Radio } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Status } from '../../../electron/contract/ipc'
import { Button } from '../../components/Button'
import { Panel } from '../../components/Panel'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { useLanguage } from '../../i18n'
import { duration } from '../../model/time'
import { signIn, useAccounts } from '../../stores/accounts'
import { useClock } from '../../stores/clock'
import { Languages } from './Languages'
import css from './Setup.module.css'

/** Seconds until another try is taken, counting down. */
const useWait = (): number => {
  const untilMs = useAccounts((one) => one.waitUntilMs)
  const toldS = useAccounts((one) => one.view.waitS)
  const nowMs = useClock((clock) => clock.nowMs)
  // The clock of the window ticks once a second, so it may be a little behind.
  return Math.min(toldS, Math.max(0, Math.ceil((untilMs - nowMs) / 1000)))
}

/** Who works here now: a name from the list, then its PIN or passphrase. */
export const SignIn = ({ status }: { readonly status: Status }) => {
  const { t } = useTranslation()
  const language = useLanguage()
  const accounts = useAccounts((one) => one.view.accounts)
  const waitS = useWait()
  const [name, setName] = useState('')
  const [secret, setSecret] = useState('')
  const field = useRef<HTMLInputElement>(null)
  const chosen = accounts.length === 1 ? accounts[0]?.name : accounts.find((one) => one.name === name)?.name
  const enter = useAction(async () => {
    try {
      await signIn(chosen ?? '', secret)
    } finally {
      setSecret('')
      field.current?.focus()
    }
  })
  const first = useRef<HTMLInputElement>(null)
  const alone = accounts.length === 1
  useEffect(() => {
    if (accounts.length > 0) (alone ? field : first).current?.focus()
  }, [accounts.length, alone])
  const time = duration(Math.max(waitS, 1) * 1000, language).replace(/[.,]0/, '')
  const reason =
    chosen === undefined
      ? t('access.signIn.chooseFirst')
      : waitS > 0
        ? t('access.signIn.wait', { time })
        : secret === ''
          ? t('access.signIn.secretFirst')
          : undefined
  return (
    <main className={css.page} data-testid="sign-in">
      <Languages />
      <Panel className={css.narrow}>
        <form
          className={`${css.form} ${css.unlock}`}
          onSubmit={(event) => {
            event.preventDefault()
            if (reason === undefined) void enter.run()
          }}
        >
          <h1>{t('access.signIn.title', { site: status.siteName })}</h1>
          <p className="mute">{t('access.signIn.text')}</p>
          <Radio.Group label={t('access.signIn.who')} value={chosen ?? ''} onChange={setName}>
            <div className={css.names} data-testid="sign-in-name">
              {accounts.map((account, index) => (
                <Radio
                  key={account.name}
                  ref={index === 0 ? first : undefined}
                  value={account.name}
                  label={account.name}
                  description={t(`access.role.${account.role}`)}
                  data-testid={`sign-in-name-${account.name}`}
                />
              ))}
            </div>
          </Radio.Group>
          <PasswordInput
            ref={field}
            label={t('access.signIn.secret')}
            value={secret}
            maxLength={256}
            autoComplete="off"
            onChange={(event) => setSecret(event.currentTarget.value)}
            data-testid="sign-in-secret"
          />
          {waitS > 0 ? (
            <p className={css.wait} role="status" data-testid="sign-in-wait">
              {t('access.signIn.waitText', { time })}
            </p>
          ) : (
            enter.error && enter.error.code !== 'LOCKED_OUT' && <ErrorBox error={enter.error} />
          )}
          <div>
            <Button type="submit" kind="primary" busy={enter.busy} reason={reason} data-testid="sign-in-go">
              {t('access.signIn.go')}
            </Button>
          </div>
        </form>
      </Panel>
    </main>
  )
}
