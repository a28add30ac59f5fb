import { useTranslation } from 'react-i18next'
import { assertNever } from '../../../electron/contract/assert-never'
import { Announcer } from '../../components/Announcer'
import { ScreenHead } from '../../components/Panel'
import { Stages } from '../../components/Stages'
import { SERIAL_STAGES, serialStage } from '../../model/firmware-serial'
import { useJobs } from '../../stores/jobs'
import { SerialImageStep } from './SerialImageStep'
import { SerialJobStep } from './SerialJobStep'
import { SerialPortStep } from './SerialPortStep'
import { useFirmwareWizard } from './store'
import css from './Wizard.module.css'

/** Firmware over a cable: port, image, watch, result. Once started it is a view of the job. */
export const SerialWizard = () => {
  const { t } = useTranslation()
  const at = useFirmwareWizard((wizard) => wizard.serial)
  const job = useJobs((list) => (at.step === 'job' ? list.byId.get(at.id) : undefined))
  const stage = serialStage(at, job)
  const index = SERIAL_STAGES.indexOf(stage)
  const drawStep = () => {
    switch (at.step) {
      case 'port':
        return <SerialPortStep at={at} />
      case 'image':
        return <SerialImageStep at={at} />
      case 'job':
        return <SerialJobStep at={at} job={job} />
      default:
        return assertNever(at)
    }
  }
  return (
    <div className={css.wizard} data-testid="serial-wizard" data-step={stage}>
      <ScreenHead
        title={
          at.step === 'port' ? t('rollout.serial.title') : t('rollout.serial.titleOf', { path: at.path })
        }
        facts={t('rollout.step', { step: index + 1, count: SERIAL_STAGES.length })}
      />
      <Stages
        names={SERIAL_STAGES.map((one) => t(`rollout.serial.steps.${one}`))}
        at={index}
        finished={stage === 'result'}
      />
      <Announcer text={t(`rollout.serial.steps.${stage}`)} everyMs={500} />
      {drawStep()}
    </div>
  )
}
