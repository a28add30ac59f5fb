import { useTranslation } from 'react-i18next'
import type { PlanDifference } from '../../../electron/contract/site-plan'
import { Sign } from '../../components/Sign'
import { shownValue } from '../../model/site-plan'
import css from './Plan.module.css'

/** What a difference is about: the parameter's own name, or the field in the window's words. */
export const useFieldText = () => {
  const { t } = useTranslation()
  return ({ field, parameter }: PlanDifference): string => parameter ?? t(`sitePlan.field.${field}`)
}

/** A value in the window's words where it has some. */
export const useDifferenceText = () => {
  const { t } = useTranslation()
  return ({ field }: PlanDifference, value: string | undefined): string => {
    if (field === 'enrolment') return t(value === 'enrolled' ? 'sitePlan.enrolled' : 'sitePlan.notEnrolled')
    return shownValue(value)
  }
}

/** Each difference on lines of its own: what, then what was found and what is planned. */
export const PlanDifferences = ({ differences }: { readonly differences: readonly PlanDifference[] }) => {
  const { t } = useTranslation()
  const textOf = useFieldText()
  const valueText = useDifferenceText()
  return (
    <dl className={css.changes}>
      {differences.map((one) => (
        <div key={`${one.field} ${one.parameter ?? ''}`} className={css.change}>
          <dt>{textOf(one)}</dt>
          <dd className={`${css.way} select-text`}>
            <span className={one.found ? 'mono' : 'mute'}>{valueText(one, one.found)}</span>
            <Sign name="next" size={9} />
            <span className="hidden-visually">{t('sitePlan.detail.planned')}</span>
            <span className={`mono ${css.planned}`}>{valueText(one, one.planned)}</span>
          </dd>
          {one.manual && (
            <dd className={css.manual}>
              <Sign name="warning" size={11} /> {t('sitePlan.manual')}
            </dd>
          )}
        </div>
      ))}
    </dl>
  )
}
