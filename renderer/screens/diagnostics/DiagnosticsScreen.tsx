import { assertNever } from '../../../electron/contract/assert-never'
import { CheckWizard } from '../../wizards/diagnostics/CheckWizard'
import { useDiagnostics } from '../../wizards/diagnostics/store'
import { DiagnosticsHome } from './DiagnosticsHome'

/** Diagnostics: overview, log, checks and reports; or the wizard. */
export const DiagnosticsScreen = () => {
  const place = useDiagnostics((diagnostics) => diagnostics.place)
  switch (place.at) {
    case 'home':
      return <DiagnosticsHome />
    case 'choose':
    case 'tests':
    case 'watch':
      return <CheckWizard place={place} />
    default:
      return assertNever(place)
  }
}
