import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Person, StationView } from '../../../electron/contract/factory'
import { stationKey } from '../../model/station-keys'
import { enterStarts, gridOf, labelsToPrint, neighbour } from '../../model/station-lanes'
import { useClock } from '../../stores/clock'
import { signOut } from '../../stores/station'
import { Figures } from './Figures'
import { LaneCard } from './LaneCard'
import { LaneNews } from './LaneNews'
import { ScanBar } from './ScanBar'
import css from './Station.module.css'
import { StationHeader } from './StationHeader'
import { SupervisorDialog } from './SupervisorDialog'
import { useDesk } from './use-desk'
import { useScanField } from './use-scan-field'

/** The station while somebody is signed in. */
export const Floor = ({ view, person }: { readonly view: StationView; readonly person: Person }) => {
  const { t } = useTranslation()
  const [panel, setPanel] = useState(false)
  const nowMs = useClock((clock) => clock.nowMs)
  const desk = useDesk()
  const field = useScanField(panel)
  const grid = gridOf(view.lanes.length)
  const starts = enterStarts(view)
  const printed = labelsToPrint(view.lanes)

  const latest = useRef({ view, desk, printed })
  latest.current = { view, desk, printed }
  useEffect(() => {
    if (panel) return
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || document.querySelector('[aria-modal="true"]')) return
      const now = latest.current
      const key = stationKey(event, field.current?.value ?? '')
      if (!key) return
      event.preventDefault()
      switch (key.do) {
        case 'choose':
          if (key.lane <= now.view.lanes.length && key.lane !== now.view.nextLane)
            void now.desk.choose(key.lane)
          break
        case 'move': {
          const lane = neighbour(now.view.lanes, now.view.nextLane, key.direction)
          if (lane !== undefined) void now.desk.choose(lane)
          break
        }
        case 'print':
          if (!event.repeat) for (const lane of now.printed) void now.desk.print(lane)
          break
        case 'clear':
          if (field.current) field.current.value = ''
          field.current?.focus()
          break
      }
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [panel, field])

  return (
    <div className={css.station} data-contrast="strong" data-size={grid.size} data-testid="station">
      <StationHeader
        view={view}
        person={person}
        nowMs={nowMs}
        onSupervisor={() => setPanel(true)}
        onSignOut={() => void signOut()}
      />
      <ScanBar view={view} desk={desk} field={field} nowMs={nowMs} />
      <main className={css.main}>
        {view.lanes.length === 0 ? (
          <div className={css.noLanes}>
            <h2>{t('station.noLanes.title')}</h2>
            <p>{t('station.noLanes.text')}</p>
          </div>
        ) : (
          <ol
            className={css.lanes}
            aria-label={t('station.lanes')}
            style={{
              gridTemplateColumns: `repeat(${grid.columns}, minmax(0, 1fr))`,
              gridTemplateRows: `repeat(${grid.rows}, minmax(0, 1fr))`,
            }}
          >
            {view.lanes.map((lane) => (
              <LaneCard
                key={lane.number}
                lane={lane}
                size={grid.size}
                marked={lane.number === view.nextLane}
                enter={lane.number === starts?.number}
                printKey={printed.includes(lane.number)}
                person={person}
                actions={desk}
              />
            ))}
          </ol>
        )}
      </main>
      <Figures counts={view.counts} lanes={view.lanes.length} />
      <LaneNews lanes={view.lanes} />
      <SupervisorDialog view={view} person={person} open={panel} onClose={() => setPanel(false)} />
    </div>
  )
}
