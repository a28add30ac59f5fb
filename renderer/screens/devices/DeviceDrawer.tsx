import { Tabs } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../components/Button'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { leaveBlock } from '../../model/decommission'
import { blinkBlock, commissionBlock, labelOf } from '../../model/device-facts'
import { blink, useDevices } from '../../stores/devices'
import { startProvision } from '../../stores/provision'
import { openDetail } from '../../stores/view'
import { startCommission } from '../../wizards/commission/store'
import { beginDecommission } from '../../wizards/decommission/store'
import css from './Drawer.module.css'
import { ConfigurationTab } from './drawer/ConfigurationTab'
import { DecommissionedBox } from './drawer/DecommissionedBox'
import { FirmwareTab } from './drawer/FirmwareTab'
import { HealthTab } from './drawer/HealthTab'
import { HistoryTab } from './drawer/HistoryTab'
import { IdentityTab } from './drawer/IdentityTab'
import { LogTab } from './drawer/LogTab'
import { OverviewTab } from './drawer/OverviewTab'
import { StatePill } from './StateCell'

const TABS = ['overview', 'identity', 'configuration', 'firmware', 'health', 'log', 'history'] as const
type Tab = (typeof TABS)[number]

/** All about one device, beside the table. */
export const DeviceDrawer = ({ udn, first = 'overview' }: { readonly udn: string; readonly first?: Tab }) => {
  const { t } = useTranslation()
  const device = useDevices((list) => list.byUdn.get(udn))
  const [tab, setTab] = useState<Tab>(first)
  const blinking = useAction(blink)
  if (!device) return null
  const cannotCommission = commissionBlock(device)
  const cannotBlink = blinkBlock(device)
  const cannotLeave = leaveBlock(device)
  const facts = [
    device.model,
    device.serialNumber && t('devices.drawer.serial', { serial: device.serialNumber }),
    device.group,
    device.place,
  ]
  return (
    <aside
      className={css.drawer}
      aria-label={t('devices.drawer.label', { name: labelOf(device) })}
      data-testid="device-drawer"
    >
      <header className={css.head}>
        <h2 className={css.title}>{labelOf(device)}</h2>
        <Button
          small
          kind="quiet"
          className={css.close}
          aria-label={t('devices.drawer.close')}
          onClick={() => openDetail(undefined)}
          data-testid="drawer-close"
        >
          <IconX size={16} aria-hidden="true" />
        </Button>
        <p className={`mute ${css.facts}`}>{facts.filter(Boolean).join(' · ')}</p>
        <StatePill device={device} />
      </header>
      {device.decommissioned && <DecommissionedBox udn={udn} state={device.decommissioned} />}
      <Tabs
        value={tab}
        onChange={(value) => setTab(TABS.find((one) => one === value) ?? 'overview')}
        keepMounted={false}
        classNames={{ root: css.tabs, list: css.tabList, tab: css.tab, panel: css.tabPanel }}
      >
        <Tabs.List>
          {TABS.map((one) => (
            <Tabs.Tab key={one} value={one} data-testid={`drawer-tab-${one}`}>
              {t(`devices.drawer.tabs.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="overview" tabIndex={0}>
          <OverviewTab device={device} />
        </Tabs.Panel>
        <Tabs.Panel value="identity" tabIndex={0}>
          <IdentityTab device={device} />
        </Tabs.Panel>
        <Tabs.Panel value="configuration" tabIndex={0}>
          <ConfigurationTab device={device} />
        </Tabs.Panel>
        <Tabs.Panel value="firmware" tabIndex={0}>
          <FirmwareTab key={udn} device={device} />
        </Tabs.Panel>
        <Tabs.Panel value="health" tabIndex={0}>
          <HealthTab device={device} />
        </Tabs.Panel>
        <Tabs.Panel value="log" tabIndex={0}>
          <LogTab key={udn} device={device} />
        </Tabs.Panel>
        <Tabs.Panel value="history" tabIndex={0}>
          <HistoryTab device={device} />
        </Tabs.Panel>
      </Tabs>
      <footer className={css.foot}>
        {blinking.error && <ErrorBox error={blinking.error} subject={labelOf(device)} />}
        <div className={css.actions}>
          {cannotCommission === 'needs-network' && (
            <Button
              kind="primary"
              small
              onClick={() => startProvision(udn)}
              needs="provision.start"
              data-testid="drawer-provision"
            >
              {t('provision.open')}
            </Button>
          )}
          <Button
            kind={cannotCommission ? 'plain' : 'primary'}
            small
            reason={cannotCommission && t(`devices.reason.${cannotCommission}`)}
            onClick={() => startCommission([udn])}
            needs="jobs.commission"
            data-testid="drawer-commission"
          >
            {t('devices.commission')}
          </Button>
          <Button
            small
            busy={blinking.busy}
            reason={cannotBlink && t(`devices.reason.${cannotBlink}`)}
            onClick={() => void blinking.run([udn])}
            needs="devices.identify"
            data-testid="drawer-blink"
          >
            {t('devices.blink')}
          </Button>
          <Button
            small
            reason={cannotLeave && t(`devices.reason.${cannotLeave}`)}
            onClick={() => beginDecommission([udn])}
            needs="decommission.preview"
            data-testid="decommission-begin"
          >
            {t('endOfLife.begin')}
          </Button>
        </div>
      </footer>
    </aside>
  )
}
