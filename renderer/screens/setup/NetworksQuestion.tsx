import { Checkbox } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { SetupAnswers } from '../../model/setup-answers'
import { useSession } from '../../stores/session'
import { useInterfaceText } from '../settings/NetworksPart'
import css from './Setup.module.css'

export interface QuestionProps {
  readonly answers: SetupAnswers
  readonly change: (part: Partial<SetupAnswers>) => void
}

/** Which networks: all, unless some are chosen. */
export const NetworksQuestion = ({ answers, change }: QuestionProps) => {
  const { t } = useTranslation()
  const interfaces = useSession((session) => session.interfaces)
  const textOf = useInterfaceText()
  const toggle = (name: string) =>
    change({
      interfaces: answers.interfaces.includes(name)
        ? answers.interfaces.filter((one) => one !== name)
        : [...answers.interfaces, name],
    })
  const useful = interfaces.some((one) => !one.loopback)
  return (
    <section className={css.question}>
      <h2>2 · {t('setup.networks.title')}</h2>
      <p className="mute">{t(useful ? 'setup.networks.hint' : 'setup.networks.none')}</p>
      <Checkbox
        label={t('setup.networks.all')}
        checked={answers.allInterfaces}
        onChange={(event) => change({ allInterfaces: event.currentTarget.checked })}
        data-testid="setup-interfaces-all"
      />
      {!answers.allInterfaces && (
        <div className={css.checks}>
          {interfaces.map((one) => (
            <Checkbox
              key={one.name}
              label={one.name}
              description={textOf(one)}
              checked={answers.interfaces.includes(one.name)}
              onChange={() => toggle(one.name)}
              data-testid={`setup-interface-${one.name}`}
            />
          ))}
        </div>
      )}
    </section>
  )
}
