import { useLanguage } from '../i18n'
import { exactTime, relativeTime } from '../model/time'
import { useClock } from '../stores/clock'

/** A relative time with the exact one on hover. */
export const Ago = ({
  atMs,
  className,
}: {
  readonly atMs: number
  readonly className?: string | undefined
}) => {
  const language = useLanguage()
  const text = useClock(({ nowMs }) => relativeTime(Math.min(atMs, nowMs), nowMs, language))
  return (
    <time className={className} dateTime={new Date(atMs).toISOString()} title={exactTime(atMs, language)}>
      {text}
    </time>
  )
}
