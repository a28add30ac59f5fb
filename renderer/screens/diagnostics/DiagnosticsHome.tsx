import { Tabs } from '@mantine/core'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../components/Button'
import { ScreenHead } from '../../components/Panel'
import { checkBlock } from '../../model/check'
import { useDevices } from '../../stores/devices'
import {
  beginCheck,
  DIAGNOSTICS_TABS,
  showDiagnostics,
  useDiagnostics,
} from '../../wizards/diagnostics/store'
import site from '../site/Site.module.css'
import { ChecksTab } from './ChecksTab'
import css from './Diagnostics.module.css'
import { FetchDialog } from './FetchDialog'
import { LogTab } from './LogTab'
import { OverviewTab } from './OverviewTab'
import { BundleButton } from './reports/BundleButton'
import { ReportsTab } from './reports/ReportsTab'
import { useOverview } from './use-overview'

const Headline = () => {
  const { t } = useTranslation()
  const { counts } = useOverview('all', '')
  return (
    <span className="tnum">
      {counts.all === 0 ? t('diagnostics.noneYet') : t('diagnostics.headline', counts)}
    </span>
  )
}

/** How the devices of the site are, what they wrote, what was checked, and what is handed over. */
export const DiagnosticsHome = () => {
  const { t } = useTranslation()
  const tab = useDiagnostics((place) => place.tab)
  const selected = useDiagnostics((place) => place.selected)
  const byUdn = useDevices((list) => list.byUdn)
  const [fetching, setFetching] = useState(false)
  const able = useMemo(
    () => [...byUdn.values()].filter((device) => checkBlock(device) === undefined).map(({ udn }) => udn),
    [byUdn],
  )
  const ticked = useMemo(() => able.filter((udn) => selected.has(udn)), [able, selected])
  const scope = ticked.length > 0 ? { kind: 'devices' as const, udns: ticked } : { kind: 'site' as const }
  return (
    <>
      <ScreenHead title={t('diagnostics.title')} facts={<Headline />}>
        {tab !== 'reports' && (
          <>
            <BundleButton scope={scope} />
            {tab !== 'log' && (
              <Button
                needs="log.fetch"
                reason={able.length === 0 ? t('diagnostics.log.noDevice') : undefined}
                onClick={() => setFetching(true)}
                data-testid="log-fetch"
              >
                {t('diagnostics.fetch')}
              </Button>
            )}
            <Button
              kind="primary"
              needs="check.start"
              onClick={() => beginCheck(ticked)}
              data-testid="check-begin"
            >
              {t('diagnostics.check')}
            </Button>
          </>
        )}
      </ScreenHead>
      {fetching && (
        <FetchDialog
          udns={ticked.length > 0 ? ticked : able}
          clear={false}
          onClose={() => setFetching(false)}
        />
      )}
      <Tabs
        value={tab}
        onChange={(value) => showDiagnostics(DIAGNOSTICS_TABS.find((one) => one === value) ?? 'overview')}
        keepMounted={false}
        classNames={{ root: site.tabs, panel: site.tabPanel, tab: site.tab }}
        data-testid="diagnostics"
      >
        <Tabs.List>
          {DIAGNOSTICS_TABS.map((one) => (
            <Tabs.Tab key={one} value={one} data-testid={`diagnostics-tab-${one}`}>
              {t(`diagnostics.tabs.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="overview" className={css.tabPanel}>
          <OverviewTab />
        </Tabs.Panel>
        <Tabs.Panel value="log">
          <LogTab />
        </Tabs.Panel>
        <Tabs.Panel value="checks">
          <ChecksTab />
        </Tabs.Panel>
        <Tabs.Panel value="reports">
          <ReportsTab />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}
