import { assertNever } from '../../../electron/contract/assert-never'
import { FirmwareWizard } from '../../wizards/firmware/FirmwareWizard'
import { SerialWizard } from '../../wizards/firmware/SerialWizard'
import { useFirmwareWizard } from '../../wizards/firmware/store'
import { FirmwareHome } from './FirmwareHome'
import { RolloutScreen } from './RolloutScreen'

/** Firmware: the library and the rollouts, one rollout, or one of the two wizards. */
export const FirmwareScreen = () => {
  const place = useFirmwareWizard((wizard) => wizard.place)
  switch (place.at) {
    case 'home':
      return <FirmwareHome />
    case 'rollout':
      return <RolloutScreen key={place.id} id={place.id} />
    case 'wizard':
      return <FirmwareWizard place={place} />
    case 'serial':
      return <SerialWizard />
    default:
      return assertNever(place)
  }
}
