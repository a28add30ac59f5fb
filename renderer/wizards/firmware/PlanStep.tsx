import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { FirmwareBundle } from '../../../electron/contract/firmware'
import { Button } from '../../components/Button'
import { Panel } from '../../components/Panel'
import { ScrollPart } from '../../components/ScrollPart'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import type { Candidate } from '../../model/firmware-fits'
import { planProblem, wavesFor } from '../../model/firmware-plan'
import { naturalKey } from '../../model/natural'
import { useWaveName } from '../../screens/firmware/use-texts'
import { useClock } from '../../stores/clock'
import { PlanForm } from './PlanForm'
import { showDevicesStep, startPlanned, type WizardPlace } from './store'
import { Will } from './Will'
import css from './Wizard.module.css'

/** Devices that are there come first, so that the canary does not wait for one that is not. */
const ordered = (candidates: readonly Candidate[], chosen: ReadonlySet<string>): readonly Candidate[] =>
  candidates
    .filter(({ choosable, fit }) => choosable && chosen.has(fit.udn))
    .map((one) => [one.fit.reason === 'offline' ? 1 : 0, naturalKey(one.label), one] as const)
    .sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0))
    .map(([, , one]) => one)

/** When and in which waves, with what will happen in plain sentences beside it. */
export const PlanStep = ({
  place,
  bundle,
  candidates,
}: {
  readonly place: WizardPlace
  readonly bundle: FirmwareBundle | undefined
  readonly candidates: readonly Candidate[]
}) => {
  const { t } = useTranslation()
  const waveName = useWaveName()
  const { form, chosen } = place
  const devices = useMemo(() => ordered(candidates, chosen), [candidates, chosen])
  const udns = useMemo(() => devices.map(({ fit }) => fit.udn), [devices])
  const waves = useMemo(() => wavesFor(form, udns), [form, udns])
  const problem = useClock(({ nowMs }) => planProblem(form, udns.length, nowMs))
  const start = useAction(startPlanned)
  const largest = Math.max(1, ...waves.map((wave) => wave.length))
  return (
    <div className={css.plan}>
      <Panel className={css.panel} label={t('rollout.steps.plan')}>
        <div className={css.scroll}>
          <PlanForm form={form} problem={problem} />
        </div>
        <div className={css.foot}>
          <Button
            kind={problem ? 'plain' : 'primary'}
            busy={start.busy}
            reason={problem && t(`rollout.plan.problem.${problem}`)}
            onClick={() => void start.run(udns)}
            needs="firmware.start"
            data-testid="firmware-start"
          >
            {t('rollout.plan.start')}
          </Button>
          <Button onClick={showDevicesStep} data-testid="firmware-back">
            {t('shell.back')}
          </Button>
        </div>
        {start.error && (
          <div className={css.footError}>
            <ErrorBox error={start.error} />
          </div>
        )}
      </Panel>
      <Panel className={css.panel} label={t('rollout.plan.preview')}>
        <ScrollPart className={css.scroll} label={t('rollout.plan.preview')} testid="firmware-preview">
          <h2>{t('rollout.plan.preview')}</h2>
          <ol className={css.waveRows}>
            {waves.map((wave, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a wave is its place in the plan
              <li key={index} className={css.waveRow}>
                <span className="strong">{waveName(index)}</span>
                <span className={css.waveTrack}>
                  <span className={css.waveFill} style={{ transform: `scaleX(${wave.length / largest})` }} />
                </span>
                <span className="tnum">{wave.length.toLocaleString()}</span>
              </li>
            ))}
          </ol>
          {bundle && <Will form={form} bundle={bundle} waves={waves} devices={devices} />}
        </ScrollPart>
      </Panel>
    </div>
  )
}
