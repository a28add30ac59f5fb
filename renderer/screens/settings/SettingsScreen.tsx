import { useTranslation } from 'react-i18next'
import { Panel, ScreenHead } from '../../components/Panel'
import { useSession } from '../../stores/session'
import { LookPart } from './LookPart'
import { NetworksPart } from './NetworksPart'
import { ProgramPart } from './ProgramPart'
import css from './Settings.module.css'
import { SitePart } from './SitePart'
import { ThresholdsPart } from './ThresholdsPart'
import { TrustPart } from './TrustPart'
import { WorkPart } from './WorkPart'

/** Settings of this laptop. Each change is kept at once; there is nothing to save. */
export const SettingsScreen = () => {
  const { t } = useTranslation()
  const settings = useSession((session) => session.settings)
  const version = useSession(({ status }) => status?.version ?? '')
  if (!settings) return null
  return (
    <>
      <ScreenHead title={t('settings.title')} facts={t('settings.version', { version })} />
      <div className={css.columns}>
        <Panel scroll>
          <NetworksPart settings={settings} />
          <TrustPart />
          <ProgramPart />
        </Panel>
        <Panel scroll>
          <LookPart settings={settings} />
          <SitePart settings={settings} />
          <ThresholdsPart settings={settings} />
          <WorkPart settings={settings} />
        </Panel>
      </div>
    </>
  )
}
