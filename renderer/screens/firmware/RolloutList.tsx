import { useTranslation } from 'react-i18next'
import type { RolloutView } from '../../../electron/contract/firmware'
import { Ago } from '../../components/Ago'
import { Button } from '../../components/Button'
import { Panel } from '../../components/Panel'
import { Pill } from '../../components/Pill'
import { countsOf, ROLLOUT_TONE, totalOf } from '../../model/firmware-waves'
import { beginRollout, showRollout } from '../../wizards/firmware/store'
import css from './Firmware.module.css'
import { WaveBar } from './WaveBar'

const Entry = ({ rollout }: { readonly rollout: RolloutView }) => {
  const { t } = useTranslation()
  const total = totalOf(rollout)
  const name = t('firmware.name', { version: rollout.version, model: rollout.model })
  const counts = countsOf(total)
    .map(([key, count]) => t(`firmware.count.${key}`, { count }))
    .join(' · ')
  return (
    <li>
      <button
        type="button"
        className={css.rollout}
        onClick={() => showRollout(rollout.id)}
        data-testid={`rollout-${rollout.id}`}
        data-state={rollout.state}
      >
        <span className={css.rolloutHead}>
          <span className="strong">{name}</span>
          <Pill tone={ROLLOUT_TONE[rollout.state]}>{t(`firmware.rollout.${rollout.state}`)}</Pill>
        </span>
        <WaveBar wave={total} label={name} />
        <span className={css.rolloutFoot}>
          <span className="tnum">{counts}</span>
          <Ago atMs={rollout.endedAtMs ?? rollout.createdAtMs} className="mute" />
        </span>
        {rollout.pauseReason && rollout.state === 'paused' && (
          <span className="mute">{t(`firmware.paused.${rollout.pauseReason}.what`)}</span>
        )}
      </button>
    </li>
  )
}

/** What is being installed and what was, newest first. */
export const RolloutList = ({ rollouts }: { readonly rollouts: readonly RolloutView[] }) => {
  const { t } = useTranslation()
  return (
    <Panel className={css.column} label={t('firmware.rollouts')} testid="rollouts">
      <div className={css.columnHead}>
        <h2>{t('firmware.rollouts')}</h2>
      </div>
      <div className={css.columnBody}>
        {rollouts.length === 0 ? (
          <div className={css.teach}>
            <h3>{t('firmware.noRollouts.title')}</h3>
            <p>{t('firmware.noRollouts.text')}</p>
            <p className="mute">{t('firmware.noRollouts.safe')}</p>
            <div>
              <Button small onClick={() => beginRollout()}>
                {t('firmware.newRollout')}
              </Button>
            </div>
          </div>
        ) : (
          <ul className={css.rollouts}>
            {rollouts.map((rollout) => (
              <Entry key={rollout.id} rollout={rollout} />
            ))}
          </ul>
        )}
      </div>
    </Panel>
  )
}
