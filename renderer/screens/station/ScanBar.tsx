import { type RefObject, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { StationView } from '../../../electron/contract/factory'
import { enterStarts } from '../../model/station-lanes'
import css from './Scan.module.css'
import { ScanMessage } from './ScanMessage'
import type { Desk } from './use-desk'

/** Scanners that end with two line ends would otherwise take a counted number after each scan. */
const SECOND_ENTER_MS = 300
const TEXT_MAX = 200

/** The scan field, which always has the focus, and beside it what Enter does or why the last scan was not taken. */
export const ScanBar = ({
  view,
  desk,
  field,
  nowMs,
}: {
  readonly view: StationView
  readonly desk: Desk
  readonly field: RefObject<HTMLInputElement | null>
  readonly nowMs: number
}) => {
  const { t } = useTranslation()
  const lastMs = useRef(0)
  const starts = enterStarts(view)
  const submit = () => {
    const input = field.current
    if (!input) return
    const text = input.value.trim()
    input.value = ''
    const now = performance.now()
    const second = text === '' && now - lastMs.current < SECOND_ENTER_MS
    lastMs.current = now
    if (second) return
    if (text === '' && starts) void desk.start(starts.number)
    else void desk.scan(text)
  }
  return (
    <form
      className={css.bar}
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <div className={css.entry}>
        <label className={css.label} htmlFor="station-scan">
          {view.nextLane === undefined
            ? t('station.scan.field')
            : t('station.scan.fieldLane', { lane: view.nextLane })}
        </label>
        <input
          ref={field}
          id="station-scan"
          className={css.field}
          type="text"
          maxLength={TEXT_MAX}
          autoComplete="off"
          autoCapitalize="off"
          autoCorrect="off"
          spellCheck={false}
          onKeyDown={(event) => {
            // A held Enter is one Enter.
            if (event.key === 'Enter' && event.repeat) event.preventDefault()
          }}
          aria-describedby="station-scan-hint"
          data-testid="station-scan"
        />
      </div>
      <ScanMessage view={view} desk={desk} starts={starts} nowMs={nowMs} />
    </form>
  )
}
