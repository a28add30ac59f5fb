import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { assertNever } from '../../../electron/contract/assert-never'
import type { Job } from '../../../electron/contract/job'
import { Announcer } from '../../components/Announcer'
import { ScreenHead } from '../../components/Panel'
import { type ProvisionStage, type ProvisionStep, STAGES, stageOfProvision } from '../../model/provision'
import { useJobs } from '../../stores/jobs'
import { forgetSecrets, useProvision } from '../../stores/provision'
import { CodeStep } from './CodeStep'
import { JobStep } from './JobStep'
import { NetworkStep } from './NetworkStep'
import css from './Provision.module.css'
import { useTargetName } from './use-target-name'
import { WhereStep } from './WhereStep'

const Stages = ({ at, job }: { readonly at: ProvisionStep; readonly job: Job | undefined }) => {
  const { t } = useTranslation()
  const stages: readonly ProvisionStage[] = STAGES[at.target.via]
  const stage = stageOfProvision(at, job)
  const now = stages.indexOf(stage)
  return (
    <ol className={css.stages}>
      {stages.map((one, index) => (
        <li key={one} className={css.stage} aria-current={index === now ? 'step' : undefined}>
          <span className={css.stageTrack}>
            <span
              className={css.stageBar}
              style={{
                transform: `scaleX(${index < now || stage === 'result' ? 1 : index === now ? 0.5 : 0})`,
              }}
            />
          </span>
          <span className={css.stageName}>
            {index + 1} {t(`provision.steps.${one}`)}
          </span>
        </li>
      ))}
    </ol>
  )
}

/** Network and site trust into a device, by cable or with its setup code. Once started it is a view of the job. */
export const ProvisionWizard = () => {
  const { t } = useTranslation()
  const at = useProvision((wizard) => wizard.at)
  const job = useJobs((list) => (at.step === 'job' ? list.byId.get(at.id) : undefined))
  const name = useTargetName(at.target)
  useEffect(() => forgetSecrets, [])
  const stage = stageOfProvision(at, job)
  const stages: readonly string[] = STAGES[at.target.via]
  const drawStep = () => {
    switch (at.step) {
      case 'where':
        return <WhereStep target={at.target} />
      case 'code':
        return <CodeStep />
      case 'network':
        return <NetworkStep target={at.target} />
      case 'job':
        return <JobStep target={at.target} job={job} />
      default:
        return assertNever(at)
    }
  }
  return (
    <div className={css.wizard} data-testid="provision" data-step={stage}>
      <ScreenHead
        title={at.step !== 'where' && name ? t('provision.titleOf', { name }) : t('provision.title')}
        facts={t('provision.step', { step: stages.indexOf(stage) + 1, count: stages.length })}
      />
      <Stages at={at} job={job} />
      <Announcer text={t(`provision.steps.${stage}`)} everyMs={500} />
      {drawStep()}
    </div>
  )
}
