import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { explain } from '../../../electron/contract/error-texts'
import { Button } from '../../components/Button'
import { Sign } from '../../components/Sign'
import { useAction } from '../../components/use-action'
import { useLanguage } from '../../i18n'
import { duration } from '../../model/time'
import { useClock } from '../../stores/clock'
import { useStation } from '../../stores/station'
import css from './Pin.module.css'

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'] as const
const SHORTEST = 4
const LONGEST = 12

/** A PIN by keyboard or by touch, never shown. `onPin` throws what is wrong with it. */
export const PinPad = ({
  onPin,
  action,
  note,
  testid = 'station-sign-in',
}: {
  readonly onPin: (pin: string) => Promise<void>
  /** The word on the button. */
  readonly action: string
  /** A sentence that stands in the place of an error, while there is none. */
  readonly note?: string | undefined
  readonly testid?: string
}) => {
  const { t } = useTranslation()
  const language = useLanguage()
  const [pin, setPin] = useState('')
  const field = useRef<HTMLInputElement>(null)
  const opensAtMs = useStation((mirror) => mirror.pinOpensAtMs)
  const longestMs = useStation(({ view }) => (view?.pinWaitS ?? 0) * 1000)
  // The shared clock is up to a second late, which must not make the wait longer.
  const waitMs = useClock(({ nowMs }) =>
    Math.min(longestMs, Math.max(0, Math.ceil((opensAtMs - nowMs) / 1000) * 1000)),
  )
  const send = useAction(async () => {
    const typed = pin
    setPin('')
    await onPin(typed)
  })
  useEffect(() => {
    field.current?.focus()
  }, [])
  const waiting = waitMs > 0
  const { clear } = send
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was wrong before a wait is no news after it
  useEffect(clear, [waiting, clear])
  const reason = waiting
    ? t('station.pin.waitShort', { time: duration(waitMs, language) })
    : pin.length < SHORTEST
      ? t('station.pin.short')
      : undefined
  const press = (change: (typed: string) => string) => {
    if (!waiting) setPin((typed) => change(typed).replace(/\D/g, '').slice(0, LONGEST))
    field.current?.focus()
  }
  const error = send.error && explain(send.error.code, language, send.error.subject)
  return (
    <form
      className={css.pad}
      onSubmit={(event) => {
        event.preventDefault()
        if (reason === undefined) void send.run()
      }}
    >
      <input
        ref={field}
        className={css.field}
        type="password"
        inputMode="numeric"
        autoComplete="off"
        maxLength={LONGEST}
        aria-label={t('station.pin.field')}
        readOnly={waiting}
        value={pin}
        onChange={(event) => {
          const { value } = event.currentTarget
          press(() => value)
        }}
        onBlur={(event) => {
          // A touch beside the buttons does not take the keys away.
          if (event.relatedTarget === null) setTimeout(() => field.current?.focus())
        }}
        data-autofocus
        data-testid="station-pin"
      />
      <div className={css.said}>
        {waiting ? (
          <>
            <p className={css.bad} role="alert">
              <Sign name="lock" size={14} /> {t('station.pin.tooMany')}
            </p>
            <p data-testid="station-pin-wait">
              {t('station.pin.wait', { time: duration(waitMs, language) })}
            </p>
          </>
        ) : error ? (
          <p className={css.bad} role="alert" data-testid="station-pin-error">
            <Sign name="cross" size={14} /> <strong>{error.what}</strong> {error.next}
          </p>
        ) : opensAtMs > 0 ? (
          <p role="status">{t('station.pin.again')}</p>
        ) : (
          note && <p>{note}</p>
        )}
      </div>
      <div className={css.keys}>
        {DIGITS.map((digit) => (
          <Key
            key={digit}
            label={t('station.pin.digit', { digit })}
            off={waiting}
            onPress={() => press((typed) => typed + digit)}
          >
            {digit}
          </Key>
        ))}
        <Key
          label={t('station.pin.digit', { digit: '0' })}
          off={waiting}
          className={css.zero}
          onPress={() => press((typed) => `${typed}0`)}
        >
          0
        </Key>
        <Key label={t('station.pin.back')} off={waiting} onPress={() => press((typed) => typed.slice(0, -1))}>
          <svg width="26" height="26" viewBox="0 0 24 24" aria-hidden="true">
            <path
              d="M8.5 5H20v14H8.5L3 12ZM11.5 9.5l5 5m0-5-5 5"
              fill="none"
              stroke="currentColor"
              strokeWidth="1.8"
              strokeLinejoin="round"
              strokeLinecap="round"
            />
          </svg>
        </Key>
      </div>
      <Button
        type="submit"
        kind="primary"
        className={css.send ?? ''}
        busy={send.busy}
        reason={reason}
        data-testid={testid}
      >
        {action}
      </Button>
    </form>
  )
}

const Key = ({
  label,
  off,
  onPress,
  children,
  className = '',
}: {
  readonly label: string
  readonly off: boolean
  readonly className?: string | undefined
  readonly onPress: () => void
  readonly children: ReactNode
}) => (
  <button
    type="button"
    className={`${css.key} ${className}`}
    aria-label={label}
    aria-disabled={off || undefined}
    onClick={onPress}
  >
    {children}
  </button>
)
