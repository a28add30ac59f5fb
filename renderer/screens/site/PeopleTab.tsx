import { NativeSelect } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Account } from '../../../electron/contract/access'
import { Button } from '../../components/Button'
import { Panel } from '../../components/Panel'
import { Pill } from '../../components/Pill'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { useMay } from '../../components/use-may'
import { isLastSupervisor } from '../../model/accounts'
import { setIdleMinutes, useAccounts } from '../../stores/accounts'
import { useSession } from '../../stores/session'
import { ChangeAccount, RemoveAccount } from './AccountDialogs'
import { AccountForm } from './AccountForm'
import css from './Site.module.css'

const IDLE_CHOICES = [1, 5, 10, 15, 30, 60, 120, 480, 0] as const
const SIGNS = { viewer: 'ring', technician: 'dot', supervisor: 'check' } as const

/** When who does nothing is signed out. */
const IdleField = ({ minutes }: { readonly minutes: number }) => {
  const { t } = useTranslation()
  const { may, reason } = useMay('accounts.setIdle')
  const save = useAction(setIdleMinutes)
  const choices = IDLE_CHOICES.some((one) => one === minutes) ? IDLE_CHOICES : [minutes, ...IDLE_CHOICES]
  return (
    <div className={css.idle}>
      <NativeSelect
        label={t('access.people.idle')}
        description={reason ?? t('access.people.idleHint')}
        disabled={!may}
        value={String(minutes)}
        data={choices.map((one) => ({
          value: String(one),
          label: one === 0 ? t('access.people.idleNever') : t('access.people.idleMinutes', { count: one }),
        }))}
        onChange={(event) => void save.run(Number(event.currentTarget.value))}
        data-testid="people-idle"
      />
      {save.error && <ErrorBox error={save.error} />}
    </div>
  )
}

const Person = ({
  account,
  isLast,
  isYou,
  onChange,
  onRemove,
}: {
  readonly account: Account
  readonly isLast: boolean
  readonly isYou: boolean
  readonly onChange: () => void
  readonly onRemove: () => void
}) => {
  const { t } = useTranslation()
  return (
    <li className={css.person} data-testid={`person-${account.name}`}>
      <span className={css.personName}>
        <span className="strong">{account.name}</span>
        {isYou && <span className="mute"> · {t('access.people.you')}</span>}
      </span>
      <Pill tone={account.role === 'supervisor' ? 'info' : 'neutral'} sign={SIGNS[account.role]}>
        {t(`access.role.${account.role}`)}
      </Pill>
      <span className={css.personActions}>
        <Button
          small
          needs="accounts.change"
          aria-label={t('access.people.changeTitle', { name: account.name })}
          onClick={onChange}
          data-testid={`people-change-${account.name}`}
        >
          {t('access.people.change')}
        </Button>
        <Button
          small
          needs="accounts.remove"
          reason={isLast ? t('access.people.lastSupervisor') : undefined}
          aria-label={t('access.people.removeTitle', { name: account.name })}
          onClick={onRemove}
          data-testid={`people-remove-${account.name}`}
        >
          {t('access.people.remove')}
        </Button>
      </span>
    </li>
  )
}

/** Who may sign in, and what each may do. */
export const PeopleTab = () => {
  const { t } = useTranslation()
  const { accounts, signedIn, idleMinutes } = useAccounts((one) => one.view)
  const technician = useSession(({ status }) => status?.technician || '—')
  const [asked, setAsked] = useState<{ readonly what: 'change' | 'remove'; readonly account: Account }>()
  const close = () => setAsked(undefined)
  return (
    <div className={css.splitWide}>
      <Panel className={css.panel} label={t('access.people.title')}>
        <div className={css.head}>
          <h2>{t('access.people.title')}</h2>
          {accounts.length > 0 && (
            <span className="mute">{t('access.people.count', { count: accounts.length })}</span>
          )}
        </div>
        {accounts.length === 0 ? (
          <div className={css.scroll}>
            <p className="strong">{t('access.people.none')}</p>
            <p className="mute">{t('access.people.noneText', { technician })}</p>
          </div>
        ) : (
          <>
            <ul className={css.people} aria-label={t('access.people.title')}>
              {accounts.map((account) => (
                <Person
                  key={account.name}
                  account={account}
                  isLast={isLastSupervisor(account, accounts)}
                  isYou={account.name === signedIn?.name}
                  onChange={() => setAsked({ what: 'change', account })}
                  onRemove={() => setAsked({ what: 'remove', account })}
                />
              ))}
            </ul>
            <IdleField minutes={idleMinutes} />
          </>
        )}
      </Panel>
      <Panel className={css.panel}>
        <AccountForm key={accounts.length === 0 ? 'first' : 'next'} accounts={accounts} />
      </Panel>
      {asked?.what === 'change' && (
        <ChangeAccount
          account={asked.account}
          isLast={isLastSupervisor(asked.account, accounts)}
          onClose={close}
        />
      )}
      {asked?.what === 'remove' && <RemoveAccount account={asked.account} onClose={close} />}
    </div>
  )
}
