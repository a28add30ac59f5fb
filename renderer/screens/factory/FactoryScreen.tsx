import { Tabs } from '@mantine/core'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { assertNever } from '../../../electron/contract/assert-never'
import type { StationView } from '../../../electron/contract/factory'
import { Button } from '../../components/Button'
import { ScreenHead } from '../../components/Panel'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { stationChecks } from '../../model/station-check'
import {
  enterStation,
  FACTORY_TABS,
  type FactoryTab,
  loadSummary,
  showFactoryTab,
  useFactory,
} from '../../stores/factory'
import { useStation } from '../../stores/station'
import { AuthorityTab } from './AuthorityTab'
import css from './Factory.module.css'
import { LabelTab } from './LabelTab'
import { LanesTab } from './LanesTab'
import { LedgerTab } from './LedgerTab'
import { NumbersTab } from './NumbersTab'
import { PeopleTab } from './PeopleTab'
import { Readiness } from './Readiness'

const drawTab = (tab: FactoryTab, view: StationView) => {
  switch (tab) {
    case 'authority':
      return <AuthorityTab authority={view.authority} lineName={view.config.lineName} />
    case 'numbers':
      return <NumbersTab model={view.config.model} />
    case 'people':
      return <PeopleTab people={view.people} />
    case 'lanes':
      return <LanesTab view={view} />
    case 'label':
      return <LabelTab config={view.config} />
    case 'ledger':
      return <LedgerTab view={view} />
    default:
      return assertNever(tab)
  }
}

/** Setting up the factory station: authority, numbers, people, lanes, label, ledger; then starting it. */
export const FactoryScreen = () => {
  const { t } = useTranslation()
  const view = useStation((station) => station.view)
  const tab = useFactory((factory) => factory.tab)
  const summary = useFactory((factory) => factory.summary)
  const load = useAction(loadSummary)
  const start = useAction(enterStation)
  const { run: reload } = load
  const finished = (view?.counts.passed ?? 0) + (view?.counts.failed ?? 0)
  // The ledger's figures move with every device that a lane finishes.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `finished` asks for another look
  useEffect(() => void reload(), [reload, finished])
  if (!view) return null
  const checks = stationChecks(view, summary?.ranges ?? [])
  const lacking = checks.find((check) => !check.ok)
  return (
    <>
      <ScreenHead
        title={t('factory.title')}
        facts={[
          view.config.lineName,
          view.config.model,
          t('factory.laneCount', { count: view.config.lanes.length }),
        ].join(' · ')}
      >
        <Button
          kind={lacking ? 'plain' : 'primary'}
          busy={start.busy}
          reason={lacking && t(`factory.check.${lacking.need}.reason`)}
          onClick={() => void start.run()}
          needs="station.enter"
          data-testid="station-start"
        >
          {t('factory.start')}
        </Button>
      </ScreenHead>
      {start.error && <ErrorBox error={start.error} />}
      {load.error && <ErrorBox error={load.error} />}
      <Readiness checks={checks} view={view} />
      <Tabs
        value={tab}
        onChange={(value) => showFactoryTab(FACTORY_TABS.find((one) => one === value) ?? 'authority')}
        keepMounted={false}
        classNames={{ root: css.tabs, panel: css.tabPanel, tab: css.tab }}
      >
        <Tabs.List>
          {FACTORY_TABS.map((one) => (
            <Tabs.Tab key={one} value={one} data-testid={`factory-tab-${one}`}>
              {t(`factory.tabs.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={tab}>{drawTab(tab, view)}</Tabs.Panel>
      </Tabs>
    </>
  )
}
