import { Tabs } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { ScreenHead } from '../../components/Panel'
import { useSession } from '../../stores/session'
import { useSite } from '../../stores/site'
import { SITE_TABS, setSiteTab, useView } from '../../stores/view'
import { AuditTab } from './AuditTab'
import { CertificatesTab } from './CertificatesTab'
import { DecommissionedTab } from './DecommissionedTab'
import { GroupsTab } from './GroupsTab'
import { PeopleTab } from './PeopleTab'
import { PlanTab } from './PlanTab'
import { PolicyTab } from './PolicyTab'
import css from './Site.module.css'

/** What belongs to the site: groups with their configuration, the expected devices, and who may join unasked. */
export const SiteScreen = () => {
  const { t } = useTranslation()
  const tab = useView((view) => view.siteTab)
  const name = useSession(({ status }) => status?.siteName ?? '')
  const groups = useSite((site) => site.groups.length)
  const expected = useSite((site) => site.expected.length)
  return (
    <>
      <ScreenHead
        title={t('site.title')}
        facts={t('site.facts', {
          name,
          groups: t('site.groupCount', { count: groups }),
          expected: t('site.expectedCount', { count: expected }),
        })}
      />
      <Tabs
        value={tab}
        onChange={(value) => setSiteTab(SITE_TABS.find((one) => one === value) ?? 'groups')}
        keepMounted={false}
        classNames={{ root: css.tabs, panel: css.tabPanel, tab: css.tab }}
      >
        <Tabs.List>
          {SITE_TABS.map((one) => (
            <Tabs.Tab key={one} value={one} data-testid={`site-tab-${one}`}>
              {t(`site.tabs.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="groups">
          <GroupsTab />
        </Tabs.Panel>
        <Tabs.Panel value="plan">
          <PlanTab />
        </Tabs.Panel>
        <Tabs.Panel value="policy">
          <PolicyTab />
        </Tabs.Panel>
        <Tabs.Panel value="people">
          <PeopleTab />
        </Tabs.Panel>
        <Tabs.Panel value="audit">
          <AuditTab />
        </Tabs.Panel>
        <Tabs.Panel value="certificates">
          <CertificatesTab />
        </Tabs.Panel>
        <Tabs.Panel value="decommissioned">
          <DecommissionedTab />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}
