import { useTranslation } from 'react-i18next'
import { assertNever } from '../../../electron/contract/assert-never'
import { isEnded, JOB_STEPS, type Job, type JobStep, type StepName } from '../../../electron/contract/job'
import { stepNote } from '../../../electron/contract/job-notes'
import { CHECK_REASONS, FINDINGS, VERDICTS } from '../../../electron/contract/self-test'
import { Pill } from '../../components/Pill'
import { Progress } from '../../components/Progress'
import { Sign, type SignName } from '../../components/Sign'
import { ErrorBox, StateBox } from '../../components/StateBox'
import { useLanguage } from '../../i18n'
import type { Tone } from '../../model/device-facts'
import { isOverCable } from '../../model/job-subject'
import { duration } from '../../model/time'
import { useClock } from '../../stores/clock'
import css from './Jobs.module.css'

const JOB_TONE: Readonly<Record<Job['state'], Tone>> = {
  queued: 'neutral',
  waiting: 'neutral',
  running: 'info',
  'needs-you': 'warn',
  done: 'ok',
  failed: 'bad',
  cancelled: 'neutral',
  interrupted: 'warn',
}

export const JobStatePill = ({ job }: { readonly job: Job }) => {
  const { t } = useTranslation()
  return (
    <Pill tone={JOB_TONE[job.state]} {...(job.state === 'needs-you' ? { sign: 'dot' as const } : {})}>
      {t(`jobs.state.${job.state}`)}
    </Pill>
  )
}

const STEP_SIGN: Readonly<Record<JobStep['state'], SignName>> = {
  pending: 'ring',
  running: 'dot',
  done: 'check',
  failed: 'cross',
  skipped: 'dash',
}

const NAMES: readonly string[] = Object.values(JOB_STEPS).flat()
const isStepName = (name: string): name is StepName => NAMES.includes(name)
const isStepOf = <K extends Job['kind']>(kind: K, name: string): name is (typeof JOB_STEPS)[K][number] =>
  (JOB_STEPS[kind] as readonly string[]).includes(name)

/** What a step has told; a check tells its verdicts, reasons and findings by their names. */
const useNote = () => {
  const { t } = useTranslation()
  const language = useLanguage()
  return (kind: Job['kind'], step: JobStep): string | undefined => {
    const note = stepNote(step, language)
    if (kind !== 'check' || note === undefined) return note
    const findings = FINDINGS.filter((one) => step.name === 'finding' && note.split(' ').includes(one))
    if (findings.length > 0) return findings.map((one) => t(`diagnostics.finding.${one}.what`)).join(' ')
    const reason = CHECK_REASONS.find((one) => one === note)
    if (reason) return t(`diagnostics.testReason.${reason}`)
    const verdict = VERDICTS.find((one) => one === note)
    return verdict ? t(`diagnostics.verdict.${verdict}`) : note
  }
}

/** What a step will do, said for its kind of job: the same name means different things in each. */
const useStepHint = () => {
  const { t } = useTranslation()
  return (kind: Job['kind'], name: string): string => {
    switch (kind) {
      case 'commission':
        return isStepOf(kind, name) ? t(`jobs.stepHint.commission.${name}`) : ''
      case 'inject':
        return isStepOf(kind, name) ? t(`jobs.stepHint.inject.${name}`) : ''
      case 'provision':
        return isStepOf(kind, name) ? t(`jobs.stepHint.provision.${name}`) : ''
      case 'update':
        return isStepOf(kind, name) ? t(`jobs.stepHint.update.${name}`) : ''
      case 'update-serial':
        return isStepOf(kind, name) ? t(`jobs.stepHint.update-serial.${name}`) : ''
      case 'configure':
        return isStepOf(kind, name) ? t(`jobs.stepHint.configure.${name}`) : ''
      case 'fetch-log':
        return isStepOf(kind, name) ? t(`jobs.stepHint.fetch-log.${name}`) : ''
      case 'check':
        return isStepOf(kind, name) ? t(`jobs.stepHint.check.${name}`) : ''
      case 'apply':
        return isStepOf(kind, name) ? t(`jobs.stepHint.apply.${name}`) : ''
      case 'decommission':
        return isStepOf(kind, name) ? t(`jobs.stepHint.decommission.${name}`) : ''
      default:
        return assertNever(kind)
    }
  }
}

const StepTime = ({ step }: { readonly step: JobStep }) => {
  const language = useLanguage()
  const text = useClock(({ nowMs }) => {
    if (step.startedAtMs === undefined) return ''
    const ms = (step.endedAtMs ?? nowMs) - step.startedAtMs
    return step.endedAtMs === undefined && ms < 1000 ? '' : duration(Math.max(0, ms), language)
  })
  return <span className={`mute ${css.stepTime}`}>{text}</span>
}

/** The steps of a job with what each one found, or what it will do. */
export const JobSteps = ({ job, label }: { readonly job: Job; readonly label: string }) => {
  const { t } = useTranslation()
  const hintOf = useStepHint()
  const noteOf = useNote()
  return (
    <ol className={css.steps} aria-label={t('jobs.details', { name: label })}>
      {job.steps.map((step) => {
        const you = job.state === 'needs-you' && step.name === 'approve' && step.state !== 'done'
        return (
          <li key={step.name} className={css.step} data-state={step.state} data-testid={`step-${step.name}`}>
            <span className={`${css.stepSign} ${css[you ? 'you' : step.state]}`}>
              <Sign name={you ? 'dot' : STEP_SIGN[step.state]} />
              <span className="hidden-visually">{t(`jobs.stepState.${step.state}`)}</span>
            </span>
            <span className={step.state === 'pending' && !you ? css.stepLater : 'strong'}>
              {isStepName(step.name) ? t(`jobs.step.${step.name}`) : step.name}
            </span>
            <div className="mute">
              {you ? t('jobs.waitsForYou') : (noteOf(job.kind, step) ?? hintOf(job.kind, step.name))}
              {step.progress && step.progress.total > 0 && (
                <Progress
                  value={Math.min(step.progress.done / step.progress.total, 1)}
                  label={isStepName(step.name) ? t(`jobs.step.${step.name}`) : step.name}
                />
              )}
            </div>
            <StepTime step={step} />
          </li>
        )
      })}
    </ol>
  )
}

/** At a cable an error may be about the port or a number, not about the device. */
const subjectOf = (job: Job, label: string): string =>
  isOverCable(job) && job.error?.subject && !job.error.subject.startsWith('uuid:') ? job.error.subject : label

/** What a job waits for or why it failed, in three sentences. */
export const JobExplanation = ({
  job,
  label,
  children,
}: {
  readonly job: Job
  readonly label: string
  readonly children?: React.ReactNode
}) => {
  const { t } = useTranslation()
  if (job.error && (job.state === 'failed' || !isEnded(job.state)))
    return (
      <ErrorBox error={job.error} subject={subjectOf(job, label)} alert={false}>
        {children}
      </ErrorBox>
    )
  if (job.state !== 'waiting' && job.state !== 'interrupted' && job.state !== 'cancelled') return null
  const key = job.state === 'waiting' && isOverCable(job) ? 'waiting-cable' : job.state
  return (
    <StateBox
      tone="neutral"
      what={t(`jobs.explain.${key}.what`)}
      state={t(`jobs.explain.${key}.state`)}
      next={t(`jobs.explain.${key}.next`)}
    >
      {children}
    </StateBox>
  )
}
