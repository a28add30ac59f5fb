import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Person } from '../../../electron/contract/factory'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { Panel } from '../../components/Panel'
import { Pill } from '../../components/Pill'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { removePerson } from '../../stores/factory'
import css from './Factory.module.css'
import { PersonForm } from './PersonForm'

const RemovePerson = ({ person, onClose }: { readonly person: Person; readonly onClose: () => void }) => {
  const { t } = useTranslation()
  const remove = useAction(async () => {
    await removePerson(person.name)
    onClose()
  })
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('factory.people.removeTitle', { name: person.name })}
      testid="person-remove-dialog"
      actions={
        <>
          <Button onClick={onClose}>{t('shell.back')}</Button>
          <Button
            kind="danger"
            busy={remove.busy}
            onClick={() => void remove.run()}
            needs="station.removePerson"
            data-testid="person-remove-yes"
          >
            {t('factory.people.removeYes')}
          </Button>
        </>
      }
    >
      <p>{t('factory.people.removeText')}</p>
      {remove.error && <ErrorBox error={remove.error} subject={person.name} />}
    </Dialog>
  )
}

/** Who may work at the station, and who may change it. */
export const PeopleTab = ({ people }: { readonly people: readonly Person[] }) => {
  const { t } = useTranslation()
  const [leaving, setLeaving] = useState<Person>()
  const supervisors = people.filter((person) => person.role === 'supervisor').length
  return (
    <div className={css.splitWide}>
      <Panel className={css.panel} label={t('factory.people.title')}>
        <div className={css.head}>
          <h2>{t('factory.people.title')}</h2>
          <span className="mute">
            {t('factory.people.operators', { count: people.length - supervisors })} ·{' '}
            {t('factory.people.supervisors', { count: supervisors })}
          </span>
        </div>
        {people.length === 0 ? (
          <div className={css.scroll}>
            <p className="strong">{t('factory.people.empty')}</p>
            <p className="mute">{t('factory.people.emptyText')}</p>
          </div>
        ) : (
          <ul className={css.people} aria-label={t('factory.people.title')}>
            {people.map((person) => (
              <li key={person.name} className={css.person}>
                <span className="strong">{person.name}</span>
                <Pill
                  tone={person.role === 'supervisor' ? 'info' : 'neutral'}
                  sign={person.role === 'supervisor' ? 'dot' : 'ring'}
                >
                  {t(`factory.people.role.${person.role}`)}
                </Pill>
                <Button
                  small
                  reason={
                    person.role === 'supervisor' && supervisors === 1 && people.length > 1
                      ? t('factory.people.lastSupervisor')
                      : undefined
                  }
                  aria-label={t('factory.people.removeTitle', { name: person.name })}
                  onClick={() => setLeaving(person)}
                  needs="station.removePerson"
                  data-testid={`person-remove-${person.name}`}
                >
                  {t('factory.people.remove')}
                </Button>
              </li>
            ))}
          </ul>
        )}
      </Panel>
      <Panel className={css.panel}>
        <PersonForm people={people} />
      </Panel>
      {leaving && <RemovePerson person={leaving} onClose={() => setLeaving(undefined)} />}
    </div>
  )
}
