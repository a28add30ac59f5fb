import { useTranslation } from 'react-i18next'
import { assertNever } from '../../../electron/contract/assert-never'
import { Announcer } from '../../components/Announcer'
import { ScreenHead } from '../../components/Panel'
import { Stages } from '../../components/Stages'
import { useDecommissions } from '../../stores/decommission'
import css from '../firmware/Wizard.module.css'
import { CheckStep } from './CheckStep'
import { ConfirmStep } from './ConfirmStep'
import { useLeaving } from './store'
import { WatchStep } from './WatchStep'

const STEPS = ['check', 'confirm', 'watch'] as const

/** The end of devices' lives here: what would happen, a typed yes, then revoked, wiped, proven, certified. */
export const DecommissionWizard = () => {
  const { t } = useTranslation()
  const step = useLeaving((leaving) => leaving.step)
  const ids = useLeaving((leaving) => leaving.ids)
  const count = useLeaving(({ step, udns, ids }) => (step === 'watch' ? ids.length : udns.length))
  const finished = useDecommissions(
    ({ byId }) => step === 'watch' && ids.every((id) => byId.get(id)?.state === 'certified'),
  )
  const at = STEPS.indexOf(step)
  const drawStep = () => {
    switch (step) {
      case 'check':
        return <CheckStep />
      case 'confirm':
        return <ConfirmStep />
      case 'watch':
        return <WatchStep key={ids[0]} ids={ids} />
      default:
        return assertNever(step)
    }
  }
  return (
    <div className={css.wizard} data-testid="decommission-wizard" data-step={step}>
      <ScreenHead
        title={count > 0 ? t('endOfLife.titleCount', { count }) : t('endOfLife.title')}
        facts={t('endOfLife.step', { step: at + 1, count: STEPS.length })}
      />
      <Stages names={STEPS.map((one) => t(`endOfLife.steps.${one}`))} at={at} finished={finished} />
      <Announcer text={t(`endOfLife.steps.${step}`)} everyMs={500} />
      {drawStep()}
    </div>
  )
}
