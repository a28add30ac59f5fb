import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { assertNever } from '../../../electron/contract/assert-never'
import type { Job } from '../../../electron/contract/job'
import { Announcer } from '../../components/Announcer'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { ScreenHead } from '../../components/Panel'
import { stageOf, WIZARD_STAGES, type WizardStage } from '../../model/commission'
import { PolicyForm } from '../../screens/site/PolicyForm'
import { useJobs } from '../../stores/jobs'
import { useSession } from '../../stores/session'
import { ChooseStep } from './ChooseStep'
import css from './Commission.module.css'
import { GroupStep } from './GroupStep'
import { JobsStep } from './JobsStep'
import { useWizard } from './store'
import { VerifyStep } from './VerifyStep'

const NO_JOBS: readonly Job[] = []

const Stages = ({ stage, share }: { readonly stage: WizardStage; readonly share: number }) => {
  const { t } = useTranslation()
  const at = WIZARD_STAGES.indexOf(stage)
  return (
    <ol className={css.stages}>
      {WIZARD_STAGES.map((one, index) => (
        <li key={one} className={css.stage} aria-current={index === at ? 'step' : undefined}>
          <span className={css.stageTrack}>
            <span
              className={css.stageBar}
              style={{
                transform: `scaleX(${index < at || stage === 'result' ? 1 : index === at ? share : 0})`,
              }}
            />
          </span>
          <span className={css.stageName}>
            {index + 1} {t(`commission.steps.${one}`)}
          </span>
        </li>
      ))}
    </ol>
  )
}

/** From new devices to devices in operation, one step after the other. Once started it is a view of the jobs. */
export const CommissionWizard = () => {
  const { t } = useTranslation()
  const at = useWizard((wizard) => wizard.at)
  const byId = useJobs((list) => list.byId)
  const policy = useSession(({ settings }) => settings?.policy)
  const zeroTouch = policy?.mode === 'zero-touch'
  const [policyOpen, setPolicyOpen] = useState(false)
  const jobs = useMemo(
    () =>
      at.step === 'jobs'
        ? at.ids.map((id) => byId.get(id)).filter((job): job is Job => job !== undefined)
        : NO_JOBS,
    [at, byId],
  )
  const stage = stageOf(at, jobs)
  const count = at.step === 'jobs' ? at.ids.length : at.step === 'group' ? at.good.length : at.chosen.length
  const drawStep = () => {
    switch (at.step) {
      case 'choose':
        return <ChooseStep chosen={at.chosen} />
      case 'verify':
        return <VerifyStep at={at} />
      case 'group':
        return <GroupStep at={at} />
      case 'jobs':
        return <JobsStep jobs={jobs} stage={stage} />
      default:
        return assertNever(at)
    }
  }
  return (
    <>
      <ScreenHead
        title={count > 0 ? t('commission.titleCount', { count }) : t('commission.title')}
        facts={t('commission.step', { step: WIZARD_STAGES.indexOf(stage) + 1, count: WIZARD_STAGES.length })}
      >
        <span className={`mute ${css.policy}`}>
          {t(zeroTouch ? 'commission.policyOn' : 'commission.policyOff')}
        </span>
        <Button onClick={() => setPolicyOpen(true)} data-testid="commission-policy">
          {t('commission.policy')}
        </Button>
      </ScreenHead>
      <Stages stage={stage} share={0.5} />
      <Announcer text={t(`commission.steps.${stage}`)} everyMs={500} />
      {drawStep()}
      <Dialog
        open={policyOpen}
        size={680}
        onClose={() => setPolicyOpen(false)}
        title={t('site.tabs.policy')}
        testid="policy-dialog"
      >
        {policy && <PolicyForm policy={policy} />}
      </Dialog>
    </>
  )
}
