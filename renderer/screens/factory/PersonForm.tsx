import { PasswordInput, Radio, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Person, pinSchema, STATION_ROLES, type StationRole } from '../../../electron/contract/factory'
import { Button } from '../../components/Button'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { addPerson } from '../../stores/factory'
import css from './Factory.module.css'

const digits = (text: string): string => text.replace(/\D/g, '')

/** A new person with a PIN, entered twice. */
export const PersonForm = ({ people }: { readonly people: readonly Person[] }) => {
  const { t } = useTranslation()
  const [name, setName] = useState('')
  const [role, setRole] = useState<StationRole>(people.length === 0 ? 'supervisor' : 'operator')
  const [pin, setPin] = useState('')
  const [again, setAgain] = useState('')
  const add = useAction(async () => {
    await addPerson({ name: name.trim(), role }, pin)
    setName('')
    setPin('')
    setAgain('')
  })
  const taken = people.some((person) => person.name.toLowerCase() === name.trim().toLowerCase())
  const short = !pinSchema.safeParse(pin).success
  const different = again.length >= pin.length && again !== pin
  const reason =
    name.trim() === ''
      ? t('factory.nameNeeded')
      : taken
        ? t('factory.people.taken')
        : short
          ? t('factory.people.pinNeeded')
          : again !== pin
            ? t('factory.people.againNeeded')
            : undefined
  return (
    <form
      className={css.fill}
      onSubmit={(event) => {
        event.preventDefault()
        if (!reason) void add.run()
      }}
    >
      <div className={css.scroll}>
        <h2>{t('factory.people.add')}</h2>
        <TextInput
          label={t('factory.people.name')}
          value={name}
          maxLength={40}
          error={taken ? t('factory.people.taken') : undefined}
          onChange={(event) => setName(event.currentTarget.value)}
          data-testid="person-name"
        />
        <Radio.Group
          label={t('factory.people.may')}
          value={role}
          onChange={(value) => setRole(STATION_ROLES.find((one) => one === value) ?? 'operator')}
        >
          <div className={css.choices}>
            {STATION_ROLES.map((one) => (
              <Radio
                key={one}
                value={one}
                label={t(`factory.people.role.${one}`)}
                description={t(`factory.people.roleHint.${one}`)}
                data-testid={`person-role-${one}`}
              />
            ))}
          </div>
        </Radio.Group>
        <div className={css.pair}>
          <PasswordInput
            label={t('factory.people.pin')}
            value={pin}
            inputMode="numeric"
            maxLength={12}
            autoComplete="off"
            onChange={(event) => setPin(digits(event.currentTarget.value))}
            data-testid="person-pin"
          />
          <PasswordInput
            label={t('factory.people.again')}
            value={again}
            inputMode="numeric"
            maxLength={12}
            autoComplete="off"
            error={again !== '' && different ? t('factory.people.different') : undefined}
            onChange={(event) => setAgain(digits(event.currentTarget.value))}
            data-testid="person-pin-again"
          />
        </div>
        <p className="mute">{t('factory.people.pinHint')}</p>
        {add.error && <ErrorBox error={add.error} subject={name} />}
      </div>
      <div className={css.foot}>
        <Button
          kind="primary"
          type="submit"
          busy={add.busy}
          reason={reason}
          needs="station.addPerson"
          data-testid="person-add"
        >
          {t('factory.people.addYes')}
        </Button>
      </div>
    </form>
  )
}
