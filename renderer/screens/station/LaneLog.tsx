import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Lane } from '../../../electron/contract/factory'
import { asCallError, type CallError } from '../../bridge'
import { Sign } from '../../components/Sign'
import { ErrorBox } from '../../components/StateBox'
import { causeOfLock } from '../../model/station-lanes'
import { log } from '../../stores/station'
import css from './Supervisor.module.css'

const AGAIN_MS = 2000

/** What the device in a lane says on its console, and what is wrong with it, for whoever looks for the cause. */
export const LaneLog = ({ lane, supervisor }: { readonly lane: Lane; readonly supervisor: boolean }) => {
  const { t } = useTranslation()
  const [lines, setLines] = useState<readonly string[]>([])
  const [error, setError] = useState<CallError>()
  const cause = causeOfLock(lane)
  const box = useRef<HTMLTextAreaElement>(null)
  useEffect(() => {
    if (!supervisor) return
    let gone = false
    const load = () =>
      log(lane.number).then(
        (read) => {
          if (!gone) setLines(read)
        },
        (thrown) => {
          if (!gone) setError(asCallError(thrown))
        },
      )
    void load()
    const timer = setInterval(load, AGAIN_MS)
    return () => {
      gone = true
      clearInterval(timer)
    }
  }, [lane.number, supervisor])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the newest line is shown whenever lines come
  useEffect(() => {
    const { current } = box
    if (current) current.scrollTop = current.scrollHeight
  }, [lines])
  return (
    <section className={css.log}>
      <h3>
        {t('station.panel.logTitle', { lane: lane.number })} <span className="mute mono">{lane.path}</span>
        {lane.failuresInRow > 0 && (
          <span className="mute"> · {t('station.panel.tried', { count: lane.failuresInRow })}</span>
        )}
      </h3>
      {cause ? (
        <ErrorBox error={{ code: cause }} alert={false} />
      ) : (
        lane.error && (
          <ErrorBox error={lane.error} subject={lane.error.subject ?? lane.serialNumber} alert={false} />
        )
      )}
      {!supervisor ? (
        <p className={css.shut}>
          <Sign name="lock" size={13} /> {t('station.panel.log')} · {t('station.needsSupervisor')}
        </p>
      ) : error ? (
        <ErrorBox error={error} />
      ) : (
        <textarea
          ref={box}
          className={css.lines}
          readOnly
          value={lines.length === 0 ? t('station.panel.logEmpty') : lines.join('\n')}
          aria-label={t('station.panel.logTitle', { lane: lane.number })}
          data-testid="station-log"
        />
      )}
    </section>
  )
}
