import { PasswordInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import css from './Site.module.css'

/** A PIN or passphrase, entered twice. */
export const SecretFields = ({
  label,
  secret,
  again,
  onSecret,
  onAgain,
}: {
  readonly label: string
  readonly secret: string
  readonly again: string
  readonly onSecret: (text: string) => void
  readonly onAgain: (text: string) => void
}) => {
  const { t } = useTranslation()
  const different = again !== '' && again.length >= secret.length && again !== secret
  return (
    <div className={css.choices}>
      <PasswordInput
        label={label}
        value={secret}
        maxLength={256}
        autoComplete="new-password"
        onChange={(event) => onSecret(event.currentTarget.value)}
        data-testid="people-secret"
      />
      <PasswordInput
        label={t('access.people.again')}
        value={again}
        maxLength={256}
        autoComplete="new-password"
        error={different ? t('access.people.different') : undefined}
        onChange={(event) => onAgain(event.currentTarget.value)}
        data-testid="people-secret-again"
      />
    </div>
  )
}
