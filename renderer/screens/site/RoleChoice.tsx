import { Radio } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { ACCOUNT_ROLES, type AccountRole } from '../../../electron/contract/access'
import css from './Site.module.css'

/** What somebody may do, each role with its explanation. */
export const RoleChoice = ({
  role,
  onChange,
  only,
  why,
}: {
  readonly role: AccountRole
  readonly onChange: (role: AccountRole) => void
  /** The only one that can be chosen now, and why. */
  readonly only?: AccountRole | undefined
  readonly why?: string | undefined
}) => {
  const { t } = useTranslation()
  return (
    <Radio.Group
      label={t('access.people.may')}
      value={role}
      onChange={(value) => onChange(ACCOUNT_ROLES.find((one) => one === value) ?? role)}
    >
      <div className={css.choices} data-testid="people-role">
        {ACCOUNT_ROLES.map((one) => (
          <Radio
            key={one}
            value={one}
            disabled={only !== undefined && only !== one}
            label={t(`access.role.${one}`)}
            description={t(`access.roleHint.${one}`)}
            data-testid={`people-role-${one}`}
          />
        ))}
      </div>
      {why && <p className={`mute ${css.why}`}>{why}</p>}
    </Radio.Group>
  )
}
