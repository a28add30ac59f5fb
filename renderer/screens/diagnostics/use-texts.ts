import { useTranslation } from 'react-i18next'
import { type Alarm, HEALTH_METRICS, type HealthMetric } from '../../../electron/contract/health'
import { useLanguage } from '../../i18n'
import { valueWords } from '../../model/health'

const isMetric = (sign: string): sign is HealthMetric => (HEALTH_METRICS as readonly string[]).includes(sign)

/** "Temperature 88.2 °C, limit 85.0 °C". */
export const useAlarmText = () => {
  const { t } = useTranslation()
  const language = useLanguage()
  return ({ sign, value, limit }: Alarm): string => {
    const words = (one: number | undefined) =>
      one === undefined ? '—' : isMetric(sign) ? valueWords(sign, one, language) : String(one)
    return t(`diagnostics.alarm.${sign}`, { value: words(value), limit: words(limit) })
  }
}
