import { useTranslation } from 'react-i18next'
import type {
  DeviceConfiguration,
  Origin,
  Parameter,
  Values,
} from '../../../../electron/contract/configuration'
import { Sign } from '../../../components/Sign'
import { useValueText, ValueInput } from '../../../wizards/configure/ValueInput'
import css from './ConfigurationTab.module.css'

const own = <T,>(values: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(values, name) ? values[name] : undefined

/** Who wants the value: a group, the plan for this device alone, or nobody. */
const OriginChip = ({ name, origin }: { readonly name: string; readonly origin: Origin | undefined }) => {
  const { t } = useTranslation()
  const from = origin?.from ?? 'factory'
  return (
    <span
      className={css.origin}
      data-from={from}
      title={t('sitePlan.origin.hint')}
      data-testid={`origin-${name}`}
    >
      {origin?.from === 'group'
        ? t('sitePlan.origin.group', { group: origin.group })
        : t(`sitePlan.origin.${origin?.from === 'device' ? 'device' : 'factory'}`)}
    </span>
  )
}

/** Every parameter with its value and unit; where it differs from the template a sign, a word and the template's value. */
export const ConfigurationValues = ({
  answer,
  typed,
  changed,
  onType,
}: {
  readonly answer: DeviceConfiguration
  /** What was typed; undefined = not edited. */
  readonly typed: Values | undefined
  readonly changed: Values
  readonly onType: (name: string, value: string) => void
}) => {
  const { t } = useTranslation()
  const textOf = useValueText()
  const withUnit = ({ type, unit }: Parameter, value: string | undefined) =>
    `${textOf(type, value)}${unit && value ? ` ${unit}` : ''}`
  return (
    <ul className={css.list} aria-label={t('configuration.plan.parameter')}>
      {answer.parameters.map((parameter) => {
        const { name, access } = parameter
        const value = own(answer.values, name)
        const edits = typed !== undefined && access === 'readWrite'
        const isChanged = Object.hasOwn(changed, name)
        return (
          <li key={name} className={`${css.row} ${isChanged ? css.changed : ''}`}>
            <div className={css.line}>
              <span className={css.name}>{name}</span>
              {!edits && (
                <span className={css.value}>
                  <span className="mono select-text">{withUnit(parameter, value)}</span>
                  {access === 'readOnly' && (
                    <span className="mute"> · {t('configuration.tab.readOnly')}</span>
                  )}
                </span>
              )}
            </div>
            {edits && (
              <ValueInput
                parameter={parameter}
                value={own(typed, name) ?? value}
                onChange={(next) => onType(name, next)}
                testid={`configure-value-${name}`}
              />
            )}
            <div className={css.facts}>
              <OriginChip name={name} origin={own(answer.origins, name)} />
              {answer.differs.includes(name) && (
                <span className={css.differs} data-testid={`configuration-differs-${name}`}>
                  <Sign name="warning" size={11} /> {t('configuration.tab.differsWord')} ·{' '}
                  {t('configuration.tab.template', {
                    value: withUnit(parameter, own(answer.template, name)),
                  })}
                </span>
              )}
            </div>
          </li>
        )
      })}
    </ul>
  )
}
