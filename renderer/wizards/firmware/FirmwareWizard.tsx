import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { assertNever } from '../../../electron/contract/assert-never'
import { Announcer } from '../../components/Announcer'
import { ScreenHead } from '../../components/Panel'
import { Stages } from '../../components/Stages'
import { candidatesOf } from '../../model/firmware-fits'
import { useDevices } from '../../stores/devices'
import { useFirmware } from '../../stores/firmware'
import { BundleStep } from './BundleStep'
import { DevicesStep } from './DevicesStep'
import { PlanStep } from './PlanStep'
import { FIRMWARE_STEPS, type WizardPlace } from './store'
import css from './Wizard.module.css'

const STAGES = [...FIRMWARE_STEPS, 'watch'] as const
const NO_FITS = [] as const

/** From a bundle to a running rollout: which image, which devices, when and in which waves. */
export const FirmwareWizard = ({ place }: { readonly place: WizardPlace }) => {
  const { t } = useTranslation()
  const bundle = useFirmware((mirror) => mirror.library?.bundles.find(({ id }) => id === place.bundleId))
  const byUdn = useDevices((list) => list.byUdn)
  const { fits } = place
  const candidates = useMemo(() => candidatesOf(fits ?? NO_FITS, byUdn), [fits, byUdn])
  const at = STAGES.indexOf(place.step)
  const drawStep = () => {
    switch (place.step) {
      case 'bundle':
        return <BundleStep bundle={bundle} />
      case 'devices':
        return <DevicesStep place={place} bundle={bundle} candidates={candidates} />
      case 'plan':
        return <PlanStep place={place} bundle={bundle} candidates={candidates} />
      default:
        return assertNever(place.step)
    }
  }
  return (
    <div className={css.wizard} data-testid="firmware-wizard" data-step={place.step}>
      <ScreenHead
        title={
          bundle && place.step !== 'bundle'
            ? t('firmware.name', { version: bundle.manifest.version, model: bundle.manifest.model })
            : t('rollout.title')
        }
        facts={t('rollout.step', { step: at + 1, count: STAGES.length })}
      />
      <Stages names={STAGES.map((stage) => t(`rollout.steps.${stage}`))} at={at} />
      <Announcer text={t(`rollout.steps.${place.step}`)} everyMs={500} />
      {drawStep()}
    </div>
  )
}
