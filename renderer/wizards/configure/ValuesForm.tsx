import { useTranslation } from 'react-i18next'
import type { SharedParameter } from '../../model/configuration'
import css from './Configure.module.css'
import { setTyped, useConfigure } from './store'
import { useValueText, ValueInput } from './ValueInput'

/** Every parameter that one of the chosen models takes; what is not set stays as it is. */
export const ValuesForm = ({
  shared,
  models,
}: {
  readonly shared: readonly SharedParameter[]
  readonly models: number
}) => {
  const { t } = useTranslation()
  const typed = useConfigure((place) => place.typed)
  const textOf = useValueText()
  return (
    <table className={css.values}>
      <thead>
        <tr>
          <td className={css.boxColumn} />
          <th scope="col">{t('configuration.values.parameter')}</th>
          <th scope="col" className={css.inputColumn}>
            {t('configuration.values.value')}
          </th>
        </tr>
      </thead>
      <tbody>
        {shared.map(({ parameter, models: having }) => {
          const { name, type } = parameter
          const value = Object.hasOwn(typed, name) ? typed[name] : undefined
          return (
            <tr key={name} data-set={value === undefined ? undefined : true}>
              <td>
                <input
                  type="checkbox"
                  className="box"
                  aria-label={t('configuration.values.set', { name })}
                  checked={value !== undefined}
                  onChange={(event) =>
                    setTyped(name, event.currentTarget.checked ? parameter.default : undefined)
                  }
                  data-testid={`configure-set-${name}`}
                />
              </td>
              <th scope="row">
                <span className={css.name}>
                  <span className={value === undefined ? undefined : css.setName}>{name}</span>
                  <span className="mute">
                    {[
                      having.length < models &&
                        t('configuration.values.models', { models: having.join(', ') }),
                      t('configuration.value.default', { value: textOf(type, parameter.default) }),
                    ]
                      .filter(Boolean)
                      .join(' · ')}
                  </span>
                </span>
              </th>
              <td>
                <ValueInput
                  parameter={parameter}
                  value={value}
                  onChange={(next) => setTyped(name, next)}
                  testid={`configure-value-${name}`}
                />
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
