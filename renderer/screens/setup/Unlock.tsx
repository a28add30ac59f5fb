import { PasswordInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Status } from '../../../electron/contract/ipc'
import { Button } from '../../components/Button'
import { Panel } from '../../components/Panel'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { unlock } from '../../stores/session'
import { BundleButton } from '../diagnostics/reports/BundleButton'
import css from './Setup.module.css'

/** Asks for the passphrase that seals the site's keys. */
export const Unlock = ({ status }: { readonly status: Status }) => {
  const { t } = useTranslation()
  const [passphrase, setPassphrase] = useState('')
  const open = useAction(async () => {
    try {
      await unlock(passphrase)
    } finally {
      setPassphrase('')
    }
  })
  return (
    <main className={css.page}>
      <Panel className={css.narrow}>
        <form
          className={`${css.form} ${css.unlock}`}
          onSubmit={(event) => {
            event.preventDefault()
            void open.run()
          }}
        >
          <h1>{t('setup.unlock.title', { site: status.siteName })}</h1>
          <p className="mute">{t('setup.unlock.text')}</p>
          <PasswordInput
            label={t('setup.unlock.label')}
            value={passphrase}
            maxLength={256}
            autoComplete="off"
            autoFocus
            onChange={(event) => setPassphrase(event.currentTarget.value)}
            data-testid="unlock-passphrase"
          />
          {open.error && <ErrorBox error={open.error} />}
          <div>
            <Button type="submit" kind="primary" busy={open.busy} data-testid="unlock-button">
              {t('setup.unlock.button')}
            </Button>
          </div>
        </form>
        <div className={`${css.form} ${css.else}`}>
          <p className="mute">{t('setup.unlock.bundle')}</p>
          <BundleButton scope={{ kind: 'app' }} />
        </div>
      </Panel>
    </main>
  )
}
