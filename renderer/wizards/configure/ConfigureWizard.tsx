import { useTranslation } from 'react-i18next'
import { Announcer } from '../../components/Announcer'
import { Button } from '../../components/Button'
import { Panel, ScreenHead, Teach } from '../../components/Panel'
import { Stages } from '../../components/Stages'
import { isBegun, isUnderWay } from '../../model/configuration'
import { useConfiguration } from '../../stores/configuration'
import css from './Configure.module.css'
import { DevicesStep } from './DevicesStep'
import { PlanStep } from './PlanStep'
import { beginConfigure, useConfigure } from './store'
import { ValuesStep } from './ValuesStep'

const STAGES = ['devices', 'values', 'plan', 'result'] as const

/** From devices to values that were read back: which, what, what would change, what has become of it. */
export const ConfigureWizard = () => {
  const { t } = useTranslation()
  const { step, planId } = useConfigure()
  const plan = useConfiguration((mirror) => mirror.plans.get(planId ?? ''))
  const stage = step === 'plan' && plan && isBegun(plan) ? 'result' : step
  const at = STAGES.indexOf(stage)
  const drawStep = () => {
    if (step === 'devices') return <DevicesStep />
    if (step === 'values') return <ValuesStep />
    if (plan) return <PlanStep key={plan.id} plan={plan} />
    return (
      <Panel className={css.panel}>
        <Teach
          title={t('configuration.plan.gone')}
          actions={
            <Button kind="primary" onClick={() => beginConfigure([])}>
              {t('configuration.plan.another')}
            </Button>
          }
        >
          <p>{t('configuration.plan.goneText')}</p>
        </Teach>
      </Panel>
    )
  }
  return (
    <div className={css.wizard} data-testid="configure-wizard" data-step={stage}>
      <ScreenHead
        title={t('configuration.title')}
        facts={t('configuration.step', { step: at + 1, count: STAGES.length })}
      />
      <Stages
        names={STAGES.map((one) => t(`configuration.steps.${one}`))}
        at={at}
        finished={stage === 'result' && plan !== undefined && !plan.rows.some(isUnderWay)}
      />
      <Announcer text={t(`configuration.steps.${stage}`)} everyMs={500} />
      {drawStep()}
    </div>
  )
}
