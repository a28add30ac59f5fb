import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { Lane } from '../../../electron/contract/factory'
import { Button } from '../../components/Button'
import { Sign } from '../../components/Sign'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { useLanguage } from '../../i18n'
import { mean, seconds } from '../../model/station-figures'
import { LANE_SIGN } from '../../model/station-lanes'
import { unlockLane } from '../../stores/station'
import { Spark } from './Spark'
import css from './Supervisor.module.css'
import { useLaneText } from './use-lane-text'

/** Figures of each lane, and what a supervisor does about it. */
export const LaneTable = ({
  lanes,
  supervisor,
  chosen,
  onChoose,
}: {
  readonly lanes: readonly Lane[]
  readonly supervisor: boolean
  readonly chosen: number | undefined
  readonly onChoose: (lane: number) => void
}) => {
  const { t } = useTranslation()
  const language = useLanguage()
  const { word } = useLaneText()
  const unlock = useAction(unlockLane)
  const row = useRef<HTMLTableRowElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another lane is another row
  useEffect(() => {
    void row.current?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  const reason = supervisor ? undefined : t('station.needsSupervisor')
  return (
    <>
      <div className={css.scroll}>
        <table className={css.table} aria-label={t('station.panel.lanes')}>
          <thead>
            <tr>
              <th scope="col">{t('station.panel.lane')}</th>
              <th scope="col">{t('station.panel.state')}</th>
              <th scope="col" className={css.number}>
                {t('station.panel.passed')}
              </th>
              <th scope="col" className={css.number}>
                {t('station.panel.failed')}
              </th>
              <th scope="col" className={css.number}>
                {t('station.panel.takt')}
              </th>
              <th scope="col">{t('station.panel.chart')}</th>
              <th scope="col" className={css.wide}>
                <span className="hidden-visually">{t('station.panel.actions')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {lanes.map((lane) => {
              const takt = mean(lane.taktsMs)
              return (
                <tr
                  key={lane.number}
                  ref={lane.number === chosen ? row : null}
                  data-chosen={lane.number === chosen || undefined}
                >
                  <th scope="row">
                    <button
                      type="button"
                      className={css.choose}
                      aria-pressed={lane.number === chosen}
                      onClick={() => onChoose(lane.number)}
                      data-testid={`panel-lane-${lane.number}`}
                    >
                      {t('station.lane', { lane: lane.number })}
                    </button>
                  </th>
                  <td>
                    <span className={css.state} data-state={lane.state}>
                      <Sign name={LANE_SIGN[lane.state]} size={12} /> {word(lane)}
                    </span>
                  </td>
                  <td className={css.number}>{lane.passed}</td>
                  <td className={css.number}>{lane.failed}</td>
                  <td className={css.number}>{takt === undefined ? '—' : seconds(takt, language)}</td>
                  <td>
                    <Spark lane={lane} width={110} />
                  </td>
                  <td>
                    {lane.state === 'locked' && (
                      <Button
                        small
                        reason={reason}
                        busy={unlock.busy}
                        onClick={() => void unlock.run(lane.number)}
                        data-testid={`panel-unlock-${lane.number}`}
                      >
                        {t('station.unlock')}
                      </Button>
                    )}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
      {unlock.error && <ErrorBox error={unlock.error} />}
    </>
  )
}
