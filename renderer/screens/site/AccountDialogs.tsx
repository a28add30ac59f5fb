import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Account } from '../../../electron/contract/access'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { secretProblem } from '../../model/accounts'
import { changeAccount, removeAccount } from '../../stores/accounts'
import { RoleChoice } from './RoleChoice'
import { SecretFields } from './SecretFields'

interface DialogProps {
  readonly account: Account
  /** It has to stay a supervisor. */
  readonly isLast: boolean
  readonly onClose: () => void
}

/** Another role, another secret, or both. */
export const ChangeAccount = ({ account, isLast, onClose }: DialogProps) => {
  const { t } = useTranslation()
  const [role, setRole] = useState(account.role)
  const [secret, setSecret] = useState('')
  const [again, setAgain] = useState('')
  const save = useAction(async () => {
    await changeAccount({
      name: account.name,
      ...(role === account.role ? {} : { role }),
      ...(secret === '' ? {} : { secret }),
    })
    onClose()
  })
  const problem = secret === '' ? undefined : secretProblem(secret, again)
  const reason =
    problem !== undefined
      ? t(`access.people.${problem}`)
      : secret === '' && role === account.role
        ? t('access.people.nothing')
        : undefined
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('access.people.changeTitle', { name: account.name })}
      testid="people-change-dialog"
      actions={
        <>
          <Button onClick={onClose}>{t('shell.back')}</Button>
          <Button
            kind="primary"
            busy={save.busy}
            needs="accounts.change"
            reason={reason}
            onClick={() => void save.run()}
            data-testid="people-change-yes"
          >
            {t('access.people.changeYes')}
          </Button>
        </>
      }
    >
      <RoleChoice
        role={role}
        onChange={setRole}
        only={isLast ? 'supervisor' : undefined}
        why={isLast ? t('access.people.lastSupervisorText') : undefined}
      />
      <SecretFields
        label={t('access.people.newSecret')}
        secret={secret}
        again={again}
        onSecret={setSecret}
        onAgain={setAgain}
      />
      {save.error && <ErrorBox error={save.error} subject={account.name} />}
    </Dialog>
  )
}

export const RemoveAccount = ({ account, onClose }: Omit<DialogProps, 'isLast'>) => {
  const { t } = useTranslation()
  const remove = useAction(async () => {
    await removeAccount(account.name)
    onClose()
  })
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('access.people.removeTitle', { name: account.name })}
      testid="people-remove-dialog"
      actions={
        <>
          <Button onClick={onClose}>{t('shell.back')}</Button>
          <Button
            kind="danger"
            busy={remove.busy}
            needs="accounts.remove"
            onClick={() => void remove.run()}
            data-testid="people-remove-yes"
          >
            {t('access.people.removeYes')}
          </Button>
        </>
      }
    >
      <p>{t('access.people.removeText')}</p>
      {remove.error && <ErrorBox error={remove.error} subject={account.name} />}
    </Dialog>
  )
}
