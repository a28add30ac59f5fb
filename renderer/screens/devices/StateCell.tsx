import { useTranslation } from 'react-i18next'
import type { Device } from '../../../electron/contract/device'
import { Pill } from '../../components/Pill'
import { LEAVING_TONE } from '../../model/decommission'
import { STATE_TONE } from '../../model/device-facts'
import { daysUntil } from '../../model/time'
import { useClock } from '../../stores/clock'

/** "21 days", "expired". */
export const useDaysText = () => {
  const { t } = useTranslation()
  return (days: number) => (days < 0 ? t('devices.expired') : t('devices.days', { count: days }))
}

/** The state of a device as sign and word. */
export const StatePill = ({ device }: { readonly device: Device }) => {
  const { t } = useTranslation()
  const daysText = useDaysText()
  const days = useClock(({ nowMs }) =>
    device.ldevidNotAfter ? daysUntil(device.ldevidNotAfter, nowMs) : undefined,
  )
  if (device.decommissioned)
    return (
      <Pill tone={LEAVING_TONE[device.decommissioned]}>{t(`endOfLife.state.${device.decommissioned}`)}</Pill>
    )
  const word =
    device.state === 'certificate-expiring' && days !== undefined
      ? t('devices.certificateDays', { days: daysText(days) })
      : t(`devices.state.${device.state}.word`)
  return <Pill tone={STATE_TONE[device.state]}>{word}</Pill>
}
