import {
  IconBuildingFactory2,
  IconCircleCheck,
  IconCpu,
  IconDownload,
  IconHeartbeat,
  IconListCheck,
  IconMap2,
  IconSettings,
} from '@tabler/icons-react'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Status } from '../../../electron/contract/ipc'
import { Sign } from '../../components/Sign'
import { waitingForYou } from '../../model/commission'
import { useJobs } from '../../stores/jobs'
import { useSite } from '../../stores/site'
import { go, SCREENS, type Screen, useView } from '../../stores/view'
import { showDiagnostics } from '../../wizards/diagnostics/store'
import { showFirmware } from '../../wizards/firmware/store'
import css from './Shell.module.css'
import { SignedIn } from './SignedIn'

const ICONS = {
  devices: IconCpu,
  commission: IconCircleCheck,
  firmware: IconDownload,
  diagnostics: IconHeartbeat,
  factory: IconBuildingFactory2,
  jobs: IconListCheck,
  site: IconMap2,
  settings: IconSettings,
}

/** A second click on the same entry leaves a wizard for the area's first page. */
const goHome = (name: (typeof SCREENS)[number], screen: Screen): void => {
  if (name === 'firmware' && screen === name) showFirmware()
  else if (name === 'diagnostics' && screen === name) showDiagnostics()
  else go(name)
}

/** How many devices wait for a person, over all jobs and requests. */
const useWaiting = (): number => {
  const byId = useJobs((list) => list.byId)
  const enrollments = useSite((site) => site.enrollments)
  return useMemo(() => waitingForYou(byId.values(), enrollments.values()).size, [byId, enrollments])
}

/** A count too wide for its word: the word is for screen readers and on hover. */
const Many = ({ count }: { readonly count: number }) => {
  const { t } = useTranslation()
  return (
    <>
      <Sign name="dot" size={10} /> <span aria-hidden="true">{count}</span>
      <span className="hidden-visually">{t('shell.waiting', { count })}</span>
    </>
  )
}

/** The screens, what waits, and where this program listens. */
export const Navigation = ({ status }: { readonly status: Status }) => {
  const { t } = useTranslation()
  const screen = useView((view) => view.screen)
  const waiting = useWaiting()
  const current =
    screen === 'missing' || screen === 'provision' || screen === 'configure' ? 'devices' : screen
  return (
    <nav className={css.nav} aria-label={t('shell.navigation')}>
      <div className={css.brand}>
        <span className={css.mark} aria-hidden="true" />
        <span>{t('shell.appName')}</span>
      </div>
      <ul className={css.links}>
        {SCREENS.map((name) => {
          const Icon = ICONS[name]
          return (
            <li key={name}>
              <button
                type="button"
                className={css.link}
                aria-current={current === name ? 'page' : undefined}
                onClick={() => goHome(name, screen)}
                data-testid={`nav-${name}`}
              >
                <Icon size={16} stroke={1.75} aria-hidden="true" />
                {t(`shell.nav.${name}`)}
                {name === 'commission' && waiting > 0 && (
                  <span
                    className={css.badge}
                    title={t('shell.waitingLong', { count: waiting })}
                    data-testid="waiting-badge"
                  >
                    {waiting < 10 ? t('shell.waiting', { count: waiting }) : <Many count={waiting} />}
                  </span>
                )}
              </button>
            </li>
          )
        })}
      </ul>
      <div className={css.foot} data-testid="site-footer">
        {status.account && <SignedIn account={status.account} />}
        <p>{t('shell.site', { name: status.siteName || '—' })}</p>
        <p title={status.listening.join(', ')}>
          {status.listening.length > 0 ? (
            t('shell.listening', { interfaces: status.listening.join(' · ') })
          ) : (
            <span className={css.footBad}>
              <Sign name="warning" /> {t('shell.notListening')}
            </span>
          )}
        </p>
        <p>{t('shell.noInternet')}</p>
      </div>
    </nav>
  )
}
