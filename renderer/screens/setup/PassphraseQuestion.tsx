import { PasswordInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { QuestionProps } from './NetworksQuestion'
import css from './Setup.module.css'

/** Where the laptop has no key store, a passphrase seals the site's keys. */
export const PassphraseQuestion = ({ answers, change }: QuestionProps) => {
  const { t } = useTranslation()
  const different = answers.again !== '' && answers.again !== answers.passphrase
  return (
    <section className={css.question}>
      <h2>{t('setup.passphrase.title')}</h2>
      <p className="mute">{t('setup.passphrase.hint')}</p>
      <div className={css.pair}>
        <PasswordInput
          label={t('setup.passphrase.label')}
          value={answers.passphrase}
          maxLength={256}
          autoComplete="new-password"
          onChange={(event) => change({ passphrase: event.currentTarget.value })}
          data-testid="setup-passphrase"
        />
        <PasswordInput
          label={t('setup.passphrase.again')}
          value={answers.again}
          maxLength={256}
          autoComplete="new-password"
          error={different ? t('setup.passphrase.different') : undefined}
          onChange={(event) => change({ again: event.currentTarget.value })}
          data-testid="setup-passphrase-again"
        />
      </div>
    </section>
  )
}
