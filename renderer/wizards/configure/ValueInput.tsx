import { NativeSelect, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Parameter } from '../../../electron/contract/configuration'
import { typedValue, valueProblem } from '../../model/configuration'
import css from './Configure.module.css'

const unitOf = (parameter: Parameter): string => (parameter.unit ? ` ${parameter.unit}` : '')

/** Why a value would be refused, in words; undefined where it fits. */
export const useValueProblem = () => {
  const { t } = useTranslation()
  return (parameter: Parameter, typed: string): string | undefined => {
    const problem = valueProblem(parameter, typedValue(parameter.type, typed))
    const { min = '', max = '', maxLength = 255 } = parameter
    return problem && t(`configuration.value.${problem}`, { min, max, maxLength, unit: unitOf(parameter) })
  }
}

/** A value as people read it. */
export const useValueText = () => {
  const { t } = useTranslation()
  return (type: Parameter['type'] | undefined, value: string | undefined): string => {
    if (value === undefined) return '—'
    if (value === '') return t('configuration.value.empty')
    if (type === 'boolean' && (value === 'true' || value === 'false'))
      return t(`configuration.value.${value}`)
    return value
  }
}

/** An input of the parameter's kind, with what is wrong under it. `value` undefined = nothing is set yet. */
export const ValueInput = ({
  parameter,
  value,
  onChange,
  testid,
}: {
  readonly parameter: Parameter
  readonly value: string | undefined
  readonly onChange: (value: string) => void
  readonly testid: string
}) => {
  const { t } = useTranslation()
  const problemOf = useValueProblem()
  const textOf = useValueText()
  const { name, type, allowed, unit, min, max } = parameter
  const error = value === undefined ? undefined : problemOf(parameter, value)
  const choices = type === 'boolean' ? ['true', 'false'] : allowed
  if (choices) {
    const data = choices.map((choice) => ({ value: choice, label: textOf(type, choice) }))
    return (
      <NativeSelect
        aria-label={name}
        data={value === undefined ? [{ value: '', label: '—' }, ...data] : data}
        value={value ?? ''}
        error={error}
        onChange={(event) => onChange(event.currentTarget.value)}
        data-testid={testid}
      />
    )
  }
  const range =
    min !== undefined && max !== undefined
      ? t('configuration.value.range', { min, max, unit: unit ? ` ${unit}` : '' })
      : undefined
  return (
    <TextInput
      aria-label={unit ? `${name} (${unit})` : name}
      title={range}
      value={value ?? ''}
      maxLength={type === 'string' ? Math.max(1, (parameter.maxLength ?? 255) + 1) : 32}
      inputMode={type === 'string' ? 'text' : 'decimal'}
      spellCheck={false}
      error={error}
      rightSection={unit ? <span className={css.unit}>{unit}</span> : undefined}
      rightSectionWidth={unit ? 52 : undefined}
      onChange={(event) => onChange(event.currentTarget.value)}
      data-testid={testid}
    />
  )
}
