import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Person, StationView } from '../../../electron/contract/factory'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { leave, signIn } from '../../stores/station'
import { LaneLog } from './LaneLog'
import { LaneTable } from './LaneTable'
import { PinPad } from './PinPad'
import css from './Supervisor.module.css'

/** What only a supervisor may do. Everybody sees it; without the right person it is greyed and asks for the PIN. */
export const SupervisorDialog = ({
  view,
  person,
  open,
  onClose,
}: {
  readonly view: StationView
  readonly person: Person
  readonly open: boolean
  readonly onClose: () => void
}) => {
  const { t } = useTranslation()
  return (
    <Dialog
      title={t('station.panel.title', { line: view.config.lineName })}
      open={open}
      onClose={onClose}
      size={1120}
      testid="station-panel"
    >
      <Panel view={view} person={person} onClose={onClose} />
    </Dialog>
  )
}

const Panel = ({
  view,
  person,
  onClose,
}: {
  readonly view: StationView
  readonly person: Person
  readonly onClose: () => void
}) => {
  const { t } = useTranslation()
  const [leaving, setLeaving] = useState(false)
  const [chosen, setChosen] = useState<number>()
  const supervisor = person.role === 'supervisor'
  const trouble = view.lanes.find(({ state }) => state === 'locked') ?? view.lanes.find(({ error }) => error)
  const lane = view.lanes.find(({ number }) => number === chosen) ?? trouble ?? view.lanes[0]
  return (
    <div className={css.panel} data-contrast="strong">
      <div className={css.left}>
        {view.lanes.length === 0 ? (
          <p>{t('station.panel.noLanes')}</p>
        ) : (
          <LaneTable lanes={view.lanes} supervisor={supervisor} chosen={lane?.number} onChoose={setChosen} />
        )}
        {lane && <LaneLog key={`${lane.number} ${supervisor}`} lane={lane} supervisor={supervisor} />}
      </div>
      <aside className={css.side}>
        {supervisor ? (
          <p>{t('station.panel.signedIn', { name: person.name })}</p>
        ) : (
          <>
            <h3>{t('station.panel.askTitle')}</h3>
            <PinPad
              onPin={signIn}
              action={t('station.pin.signIn')}
              note={t('station.panel.isOperator', { name: person.name })}
            />
          </>
        )}
        {leaving && supervisor ? (
          <>
            <h3>{t('station.panel.leaveTitle')}</h3>
            <PinPad
              onPin={leave}
              action={t('station.panel.leaveYes')}
              note={t('station.panel.leaveText')}
              testid="station-leave-yes"
            />
            <Button onClick={() => setLeaving(false)}>{t('station.panel.stay')}</Button>
          </>
        ) : (
          <Button
            onClick={() => setLeaving(true)}
            reason={supervisor ? undefined : t('station.needsSupervisor')}
            data-testid="station-leave"
          >
            {t('station.panel.leave')}
          </Button>
        )}
        <Button onClick={onClose} data-testid="station-panel-close">
          {t('station.panel.close')}
        </Button>
      </aside>
    </div>
  )
}
