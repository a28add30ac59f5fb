import { useTranslation } from 'react-i18next'
import type { StationView } from '../../../electron/contract/factory'
import { Sign } from '../../components/Sign'
import { LANE_SIGN } from '../../model/station-lanes'
import { signIn } from '../../stores/station'
import css from './Pin.module.css'
import { PinPad } from './PinPad'
import state from './State.module.css'
import { useLaneText } from './use-lane-text'

/** The station while nobody is signed in: a PIN says who comes. What the lanes do stays in sight. */
export const LockedView = ({ view }: { readonly view: StationView }) => {
  const { t } = useTranslation()
  const { word } = useLaneText()
  return (
    <div className={css.page} data-contrast="strong" data-testid="station">
      <header className={css.head}>
        <h1>{t('station.titleLine', { line: view.config.lineName, model: view.config.model })}</h1>
      </header>
      <main className={css.card}>
        <span className={css.lock}>
          <Sign name="lock" size={28} />
        </span>
        <h2 className={css.title}>{t('station.pin.title')}</h2>
        <p className="mute">{t('station.pin.text')}</p>
        <PinPad onPin={signIn} action={t('station.pin.signIn')} />
      </main>
      <ol className={css.lanes} aria-label={t('station.pin.lanes')}>
        {view.lanes.map((lane) => (
          <li key={lane.number} className={`${css.lane} ${state.state}`} data-state={lane.state}>
            <span>{t('station.lane', { lane: lane.number })}</span>
            <strong>
              <Sign name={LANE_SIGN[lane.state]} size={13} /> {word(lane)}
            </strong>
          </li>
        ))}
      </ol>
    </div>
  )
}
