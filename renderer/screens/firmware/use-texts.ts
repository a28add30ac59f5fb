import { useTranslation } from 'react-i18next'
import { explain } from '../../../electron/contract/error-texts'
import type { ErrorCode } from '../../../electron/contract/errors'
import { useLanguage } from '../../i18n'
import { bytesText, utcMoment } from '../../model/firmware-figures'
import type { Next } from '../../model/firmware-next'

/** A moment in UTC as people say it: "18:40 UTC", "tomorrow 18:40 UTC". */
export const useMoment = () => {
  const { t } = useTranslation()
  return (atMs: number, nowMs: number): string => {
    const { day, date, time } = utcMoment(atMs, nowMs)
    return t(`firmware.moment.${day}`, { date, time })
  }
}

export const useBytes = () => {
  const language = useLanguage()
  return (bytes: number): string => bytesText(bytes, language)
}

/** "Canary", "Wave 2". */
export const useWaveName = () => {
  const { t } = useTranslation()
  return (index: number): string =>
    index === 0 ? t('firmware.wave.canary') : t('firmware.wave.name', { index })
}

/** The sentence of what happens next. */
export const useNextText = () => {
  const { t } = useTranslation()
  const language = useLanguage()
  const moment = useMoment()
  const waveName = useWaveName()
  return (next: Next, nowMs: number, subject: string): string => {
    if (next.key === 'failed' && next.code !== undefined) {
      return explain(next.code as ErrorCode, language, subject).next
    }
    const at = next.atMs === undefined ? '—' : moment(next.atMs, nowMs)
    return t(`firmware.next.${next.key}`, { ...next.values, wave: waveName(next.values.wave), at })
  }
}
