import { useTranslation } from 'react-i18next'
import { assertNever } from '../../../electron/contract/assert-never'
import type { Status } from '../../../electron/contract/ipc'
import { Catch } from '../../components/Catch'
import { Sign } from '../../components/Sign'
import { type Screen, useView } from '../../stores/view'
import { ApplyWizard } from '../../wizards/apply/ApplyWizard'
import { CommissionWizard } from '../../wizards/commission/CommissionWizard'
import { ConfigureWizard } from '../../wizards/configure/ConfigureWizard'
import { DecommissionWizard } from '../../wizards/decommission/DecommissionWizard'
import { ProvisionWizard } from '../../wizards/provision/ProvisionWizard'
import { DevicesScreen } from '../devices/DevicesScreen'
import { DiagnosticsScreen } from '../diagnostics/DiagnosticsScreen'
import { FactoryScreen } from '../factory/FactoryScreen'
import { FirmwareScreen } from '../firmware/FirmwareScreen'
import { JobsScreen } from '../jobs/JobsScreen'
import { MissingScreen } from '../missing/MissingScreen'
import { SettingsScreen } from '../settings/SettingsScreen'
import { SiteScreen } from '../site/SiteScreen'
import { JobsPane } from './JobsPane'
import { Navigation } from './Navigation'
import css from './Shell.module.css'

const drawScreen = (screen: Screen) => {
  switch (screen) {
    case 'devices':
      return <DevicesScreen />
    case 'missing':
      return <MissingScreen />
    case 'commission':
      return <CommissionWizard />
    case 'apply':
      return <ApplyWizard />
    case 'configure':
      return <ConfigureWizard />
    case 'decommission':
      return <DecommissionWizard />
    case 'provision':
      return <ProvisionWizard />
    case 'firmware':
      return <FirmwareScreen />
    case 'diagnostics':
      return <DiagnosticsScreen />
    case 'factory':
      return <FactoryScreen />
    case 'jobs':
      return <JobsScreen />
    case 'site':
      return <SiteScreen />
    case 'settings':
      return <SettingsScreen />
    default:
      return assertNever(screen)
  }
}

/** Navigation at the left, the screen, and the jobs at the bottom of every screen. */
export const Shell = ({ status }: { readonly status: Status }) => {
  const { t } = useTranslation()
  const screen = useView((view) => view.screen)
  return (
    <div className={css.shell}>
      <a className={css.skip} href="#content">
        {t('shell.skip')}
      </a>
      <Navigation status={status} />
      <div className={css.main}>
        {status.practice && (
          <p className={css.banner} data-testid="practice-banner" title={t('shell.practiceText')}>
            <strong>
              <Sign name="warning" /> {t('shell.practiceBanner')}
            </strong>
            <span className={css.bannerText}>{t('shell.practiceText')}</span>
          </p>
        )}
        <main className={css.content} id="content" tabIndex={-1}>
          <Catch key={screen}>{drawScreen(screen)}</Catch>
        </main>
        <JobsPane />
      </div>
    </div>
  )
}
