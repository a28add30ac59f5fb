import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Account } from '../../../electron/contract/access'
import { Button } from '../../components/Button'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { type AccountDraft, draftProblem } from '../../model/accounts'
import { addAccount } from '../../stores/accounts'
import { RoleChoice } from './RoleChoice'
import { SecretFields } from './SecretFields'
import css from './Site.module.css'

/** A new account. The first one is a supervisor's. */
export const AccountForm = ({ accounts }: { readonly accounts: readonly Account[] }) => {
  const { t } = useTranslation()
  const isFirst = accounts.length === 0
  const empty: AccountDraft = { name: '', role: isFirst ? 'supervisor' : 'technician', secret: '', again: '' }
  const [draft, setDraft] = useState(empty)
  const change = (part: Partial<AccountDraft>) => setDraft((before) => ({ ...before, ...part }))
  const add = useAction(async () => {
    await addAccount({ name: draft.name.trim(), role: draft.role }, draft.secret)
    setDraft({ ...empty, role: 'technician' })
  })
  const problem = draftProblem(draft, accounts)
  return (
    <form
      className={css.fill}
      onSubmit={(event) => {
        event.preventDefault()
        if (!problem) void add.run()
      }}
    >
      <div className={css.scroll}>
        <h2>{t(isFirst ? 'access.people.addFirst' : 'access.people.add')}</h2>
        <TextInput
          label={t('access.people.name')}
          value={draft.name}
          maxLength={40}
          autoComplete="off"
          error={problem === 'taken' ? t('access.people.taken') : undefined}
          onChange={(event) => change({ name: event.currentTarget.value })}
          data-testid="people-name"
        />
        <RoleChoice
          role={draft.role}
          onChange={(role) => change({ role })}
          only={isFirst ? 'supervisor' : undefined}
          why={isFirst ? t('access.people.firstSupervisor') : undefined}
        />
        <SecretFields
          label={t('access.people.secret')}
          secret={draft.secret}
          again={draft.again}
          onSecret={(secret) => change({ secret })}
          onAgain={(again) => change({ again })}
        />
        <p className="mute">{t('access.people.secretHint')}</p>
        {add.error && <ErrorBox error={add.error} subject={draft.name} />}
      </div>
      <div className={css.foot}>
        <Button
          kind="primary"
          type="submit"
          busy={add.busy}
          needs="accounts.add"
          reason={problem && t(`access.people.${problem}`)}
          data-testid="people-add"
        >
          {t('access.people.addYes')}
        </Button>
      </div>
    </form>
  )
}
