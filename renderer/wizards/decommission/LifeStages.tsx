import { useTranslation } from 'react-i18next'
import type { DecommissionState } from '../../../electron/contract/decommission-states'
import type { Job } from '../../../electron/contract/job'
import { Sign, type SignName } from '../../components/Sign'
import { type StageStand, stagesOf } from '../../model/decommission'
import own from './Decommission.module.css'

const SIGN: Readonly<Record<StageStand, SignName>> = {
  done: 'check',
  now: 'dot',
  later: 'ring',
  failed: 'cross',
  unknown: 'ring',
}

/** Revoked, wiped, proven, certified: four joined cells, each with its sign and word. */
export const LifeStages = ({
  state,
  job,
}: {
  readonly state: DecommissionState
  readonly job: Job['state'] | undefined
}) => {
  const { t } = useTranslation()
  return (
    <span className={own.life}>
      {stagesOf(state, job).map(([stage, stand]) => (
        <span key={stage} className={own.lifeCell} data-stand={stand}>
          <Sign name={SIGN[stand]} size={10} />
          <span className="hidden-visually">{t(`endOfLife.stageState.${stand}`)}: </span>
          {t(`endOfLife.stage.${stage}`)}
        </span>
      ))}
    </span>
  )
}
