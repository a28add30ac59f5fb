import { MantineProvider } from '@mantine/core'
import { type ReactNode, useEffect, useLayoutEffect, useState, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { assertNever } from '../electron/contract/assert-never'
import { asCallError, type CallError } from './bridge'
import { Button } from './components/Button'
import { Catch } from './components/Catch'
import { ErrorBox } from './components/StateBox'
import { languageOf, setLanguage } from './i18n'
import { Setup } from './screens/setup/Setup'
import css from './screens/setup/Setup.module.css'
import { SignIn } from './screens/setup/SignIn'
import { Unlock } from './screens/setup/Unlock'
import { QuitGuard } from './screens/shell/QuitGuard'
import { Shell } from './screens/shell/Shell'
import { StationScreen } from './screens/station/StationScreen'
import { openAccounts } from './stores/accounts'
import { openBatches } from './stores/batches'
import { openChecks } from './stores/checks'
import { startClock } from './stores/clock'
import { openConfiguration } from './stores/configuration'
import { EMPTY_LIST, openDevices, useDevices } from './stores/devices'
import { openFirmware } from './stores/firmware'
import { openHealth } from './stores/health'
import { openJobs } from './stores/jobs'
import { openLog } from './stores/log'
import { loadInterfaces, openSession, useSession } from './stores/session'
import { openSite } from './stores/site'
import { openStation } from './stores/station'
import { openWorks } from './stores/work'

type Opener = () => Promise<() => void>

/** Opens something with listeners for as long as `key` stays; says what went wrong and how to try again. */
const useOpen = (key: string | undefined, open: Opener) => {
  const [error, setError] = useState<CallError>()
  const [attempt, setAttempt] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `open` is a constant of its caller; `attempt` asks for another try
  useEffect(() => {
    if (key === undefined) return
    let stop: (() => void) | undefined
    let gone = false
    setError(undefined)
    open().then(
      (stopper) => {
        if (gone) stopper()
        else stop = stopper
      },
      (thrown) => {
        if (!gone) setError(asCallError(thrown))
      },
    )
    return () => {
      gone = true
      stop?.()
    }
  }, [key, attempt])
  return { error, retry: () => setAttempt((count) => count + 1) }
}

const openAll: Opener = async () => {
  useDevices.setState(EMPTY_LIST)
  void loadInterfaces()
  const opened = await Promise.allSettled([
    openDevices(),
    openJobs(),
    openBatches(),
    openSite(),
    openStation(),
    openFirmware(),
    openConfiguration(),
    openHealth(),
    openLog(),
    openChecks(),
    openWorks(),
  ])
  const stop = () => {
    for (const one of opened) if (one.status === 'fulfilled') one.value()
  }
  const failed = opened.find((one) => one.status === 'rejected')
  if (!failed) return stop
  // What did open must not go on listening behind the error.
  stop()
  throw failed.reason
}

const darkQuery = window.matchMedia('(prefers-color-scheme: dark)')
const onDarkChange = (listener: () => void) => {
  darkQuery.addEventListener('change', listener)
  return () => darkQuery.removeEventListener('change', listener)
}

/** The theme that the setting means now. */
const useTheme = (): 'light' | 'dark' => {
  const setting = useSession(({ settings }) => settings?.theme ?? 'system')
  const systemIsDark = useSyncExternalStore(onDarkChange, () => darkQuery.matches)
  return setting === 'system' ? (systemIsDark ? 'dark' : 'light') : setting
}

const Failed = ({ error, retry }: { readonly error: CallError; readonly retry: () => void }) => {
  const { t } = useTranslation()
  return (
    <main className={css.page}>
      <div className={css.narrow}>
        <h1>{t('shell.startFailed')}</h1>
        <ErrorBox error={error}>
          <Button onClick={retry}>{t('shell.retry')}</Button>
        </ErrorBox>
      </div>
    </main>
  )
}

const Stage = (): ReactNode => {
  const status = useSession((session) => session.status)
  const session = useOpen('session', openSession)
  const signedOut = status?.stage === 'sign-in'
  const open = status?.stage === 'ready' || signedOut
  const accounts = useOpen(
    open && !status.station ? `${status.controllerUdn ?? ''}` : undefined,
    openAccounts,
  )
  const site = useOpen(
    status?.stage === 'ready' && !status.station
      ? `${status.controllerUdn ?? ''} ${status.practice}`
      : undefined,
    openAll,
  )
  const station = useOpen(open && status.station ? 'station' : undefined, openStation)
  const failed = [session, accounts, site, station].find(({ error }) => error !== undefined)
  if (failed?.error) return <Failed error={failed.error} retry={failed.retry} />
  if (!status) return null
  switch (status.stage) {
    case 'setup':
      return <Setup status={status} />
    case 'locked':
      return <Unlock status={status} />
    case 'sign-in':
      // A locked station has people of its own.
      return status.station ? <StationScreen /> : <SignIn status={status} />
    case 'ready':
      return status.station ? <StationScreen /> : <Shell status={status} />
    default:
      return assertNever(status.stage)
  }
}

/** The whole window. */
export const App = () => {
  const theme = useTheme()
  const language = useSession(({ settings }) => languageOf(settings?.language))
  useEffect(() => startClock(), [])
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = theme
  }, [theme])
  useLayoutEffect(() => setLanguage(language), [language])
  return (
    <MantineProvider forceColorScheme={theme} withCssVariables={false} withGlobalClasses={false}>
      <Catch>
        <Stage />
      </Catch>
      <QuitGuard />
    </MantineProvider>
  )
}
