import { useTranslation } from 'react-i18next'
import type { FirmwareBundle } from '../../../electron/contract/firmware'
import { useLanguage } from '../../i18n'
import { localMoment, localTime, spanText, utcInput } from '../../model/firmware-figures'
import type { Candidate } from '../../model/firmware-fits'
import { type PlanForm, willHappen } from '../../model/firmware-plan'
import { useBytes, useMoment } from '../../screens/firmware/use-texts'
import { useClock } from '../../stores/clock'
import css from './Wizard.module.css'

const NAMED = 3

/** The plan in plain sentences, in the order in which things will happen. */
export const Will = ({
  form,
  bundle,
  waves,
  devices,
}: {
  readonly form: PlanForm
  readonly bundle: FirmwareBundle
  readonly waves: readonly (readonly string[])[]
  readonly devices: readonly Candidate[]
}) => {
  const { t } = useTranslation()
  const language = useLanguage()
  const bytes = useBytes()
  const moment = useMoment()
  const startMs = utcInput(form.startAt)
  const minuteMs = useClock(({ nowMs }) => Math.floor(nowMs / 60_000) * 60_000)
  const first = waves[0]?.length ?? 0
  const labels = devices.slice(0, Math.min(first, NAMED)).map(({ label }) => label)
  const names =
    first > NAMED
      ? t('rollout.andMore', { names: labels.join(', '), count: first - NAMED })
      : new Intl.ListFormat(language).format(labels)
  const values = {
    names,
    at: startMs === undefined ? '' : moment(startMs, minuteMs),
    local: startMs === undefined ? '' : t('firmware.moment.local', { at: localMoment(startMs) }),
    size: bytes(bundle.manifest.image.size),
    from: form.from,
    to: form.to,
    localFrom: localTime(form.from, minuteMs),
    localTo: localTime(form.to, minuteMs),
    pass: form.passPercent,
    soak: spanText(form.soakMinutes * 60),
    errors: form.errorPercent,
    sample: form.minimumSample,
    hours: spanText(bundle.manifest.probationHours * 3600),
  }
  return (
    <ol className={css.will}>
      {willHappen(form, waves.length).map((key) => (
        <li key={key}>
          {t(`rollout.will.${key}`, {
            ...values,
            count: key === 'startNow' || key === 'startAt' ? first : devices.length,
          })}
        </li>
      ))}
    </ol>
  )
}
