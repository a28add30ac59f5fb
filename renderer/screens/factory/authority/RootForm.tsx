import { PasswordInput, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../../components/Button'
import { ErrorBox } from '../../../components/StateBox'
import { useAction } from '../../../components/use-action'
import { createRoot } from '../../../stores/factory'
import css from '../Factory.module.css'

/** As in the contract's passphrase. */
const PASSPHRASE_MIN = 8

/** Makes a root on this laptop, under a passphrase of its own. */
export const RootForm = () => {
  const { t } = useTranslation()
  const [name, setName] = useState('')
  const [passphrase, setPassphrase] = useState('')
  const [again, setAgain] = useState('')
  const create = useAction(async () => {
    await createRoot(name.trim(), passphrase)
    setPassphrase('')
    setAgain('')
  })
  const different = again !== '' && again !== passphrase
  const reason =
    name.trim() === ''
      ? t('factory.nameNeeded')
      : passphrase.length < PASSPHRASE_MIN
        ? t('factory.authority.root.passphraseShort')
        : passphrase !== again
          ? t('factory.authority.root.passphraseAgainNeeded')
          : undefined
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (!reason) void create.run()
      }}
    >
      <TextInput
        label={t('factory.authority.root.name')}
        placeholder={t('factory.authority.root.nameExample')}
        value={name}
        maxLength={64}
        onChange={(event) => setName(event.currentTarget.value)}
        data-testid="root-name"
      />
      <div className={css.pair}>
        <PasswordInput
          label={t('factory.authority.root.passphrase')}
          value={passphrase}
          maxLength={256}
          autoComplete="new-password"
          onChange={(event) => setPassphrase(event.currentTarget.value)}
          data-testid="root-passphrase"
        />
        <PasswordInput
          label={t('setup.passphrase.again')}
          value={again}
          maxLength={256}
          autoComplete="new-password"
          error={different ? t('setup.passphrase.different') : undefined}
          onChange={(event) => setAgain(event.currentTarget.value)}
          data-testid="root-passphrase-again"
        />
      </div>
      <p className="mute">{t('factory.authority.root.passphraseHint')}</p>
      <div className={css.actions}>
        <Button
          kind="primary"
          type="submit"
          busy={create.busy}
          reason={reason}
          needs="authority.createRoot"
          data-testid="root-create"
        >
          {t('factory.authority.root.create')}
        </Button>
      </div>
      {create.error && <ErrorBox error={create.error} />}
    </form>
  )
}
