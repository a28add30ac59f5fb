import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import type { Account } from '../../../electron/contract/access'
import { Button } from '../../components/Button'
import { useAction } from '../../components/use-action'
import { signOut, tellActivity } from '../../stores/accounts'
import css from './Shell.module.css'

/** Who is signed in, and the way out. While it is shown, keys and clicks put the idle sign-out off. */
export const SignedIn = ({ account }: { readonly account: Account }) => {
  const { t } = useTranslation()
  const leave = useAction(signOut)
  const texts = { name: account.name, role: t(`access.role.${account.role}`) }
  useEffect(() => tellActivity(), [])
  return (
    <div className={css.signedIn}>
      <p title={t('access.signedInLong', texts)} data-testid="signed-in">
        <span className="strong">{texts.name}</span>
        <span>{texts.role}</span>
      </p>
      <Button small kind="quiet" busy={leave.busy} onClick={() => void leave.run()} data-testid="sign-out">
        {t('access.signOut')}
      </Button>
    </div>
  )
}
