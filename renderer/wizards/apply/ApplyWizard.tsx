import { useTranslation } from 'react-i18next'
import { isRowUnderWay } from '../../../electron/contract/site-plan'
import { Announcer } from '../../components/Announcer'
import { Button } from '../../components/Button'
import { Panel, ScreenHead, Teach } from '../../components/Panel'
import { Stages } from '../../components/Stages'
import { isBegunWork } from '../../model/site-work'
import { useWorks } from '../../stores/work'
import css from './Apply.module.css'
import { ChooseGroup } from './ChooseGroup'
import { ChooseRows } from './ChooseRows'
import { showChoose, useApply } from './store'
import { WorkStep } from './WorkStep'

const STAGES = ['choose', 'preview', 'watch'] as const

/** From devices to what was read back: which, what would be done, what has become of it. */
export const ApplyWizard = () => {
  const { t } = useTranslation()
  const { what, step, workId } = useApply()
  const work = useWorks(({ byId }) => byId.get(workId ?? ''))
  const stage = step === 'choose' ? 'choose' : work && isBegunWork(work) ? 'watch' : 'preview'
  const at = STAGES.indexOf(stage)
  const drawStep = () => {
    if (step === 'choose') return what === 'plan' ? <ChooseRows /> : <ChooseGroup />
    if (work) return <WorkStep key={work.id} work={work} />
    return (
      <Panel className={css.panel}>
        <Teach
          title={t('sitePlan.work.gone')}
          actions={
            <Button kind="primary" onClick={showChoose}>
              {t('shell.back')}
            </Button>
          }
        >
          <p>{t('sitePlan.work.goneText')}</p>
        </Teach>
      </Panel>
    )
  }
  return (
    <div className={css.wizard} data-testid="apply-wizard" data-step={stage}>
      <ScreenHead
        title={t(`sitePlan.work.title.${what}`)}
        facts={t('sitePlan.work.step', { step: at + 1, count: STAGES.length })}
      />
      <Stages
        names={STAGES.map((one) => t(`sitePlan.work.steps.${one}`))}
        at={at}
        finished={stage === 'watch' && work !== undefined && !work.rows.some(isRowUnderWay)}
      />
      <Announcer text={t(`sitePlan.work.steps.${stage}`)} everyMs={500} />
      {drawStep()}
    </div>
  )
}
