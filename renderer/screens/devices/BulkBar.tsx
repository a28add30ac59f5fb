import { IconX } from '@tabler/icons-react'
import { memo, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../components/Button'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { useCopy } from '../../components/use-copy'
import { ableOf, tallyBulk } from '../../model/bulk'
import { configureBlock } from '../../model/configuration'
import { leaveBlock } from '../../model/decommission'
import { blinkBlock, commissionBlock, labelOf, updateBlock } from '../../model/device-facts'
import { blink, useDevices } from '../../stores/devices'
import { startProvision } from '../../stores/provision'
import { select, useView } from '../../stores/view'
import { beginMove } from '../../wizards/apply/store'
import { startCommission } from '../../wizards/commission/store'
import { beginConfigure } from '../../wizards/configure/store'
import { beginDecommission } from '../../wizards/decommission/store'
import { beginRollout } from '../../wizards/firmware/store'
import css from './Devices.module.css'

/** What can be done with the selected devices. What cannot stays, greyed, with its reason. */
export const BulkBar = memo(() => {
  const { t } = useTranslation()
  const selected = useView((view) => view.selected)
  const byUdn = useDevices((list) => list.byUdn)
  const bulk = useMemo(() => tallyBulk(selected, byUdn), [selected, byUdn])
  const { devices, toProvision } = bulk
  const blinking = useAction(blink)
  const { copy, copied } = useCopy()
  if (devices.length === 0) return null
  return (
    <>
      <div className={css.bulk} role="toolbar" aria-label={t('devices.selected', { count: devices.length })}>
        <span className="strong" role="status">
          {t('devices.selected', { count: devices.length })}
        </span>
        <Button
          small
          kind="quiet"
          keys="Esc"
          aria-label={t('devices.clearSelection')}
          title={t('devices.clearSelection')}
          onClick={() => select([])}
          data-testid="bulk-clear"
        >
          <IconX size={14} aria-hidden="true" />
        </Button>
        <Button
          kind={bulk.commission.reason ? 'plain' : 'primary'}
          small
          reason={bulk.commission.reason && t(`devices.reason.${bulk.commission.reason}`)}
          onClick={() => startCommission(ableOf(devices, commissionBlock))}
          needs="jobs.commission"
          data-testid="bulk-commission"
        >
          {bulk.commission.able > 0 && bulk.commission.able < devices.length
            ? t('devices.commissionCount', { count: bulk.commission.able })
            : t('devices.commission')}
        </Button>
        {toProvision.length > 0 && (
          <Button
            small
            reason={toProvision.length > 1 ? t('provision.oneAtATime') : undefined}
            onClick={() => startProvision(toProvision[0]?.udn)}
            needs="provision.start"
            data-testid="bulk-provision"
          >
            {t('provision.open')}
          </Button>
        )}
        <Button
          small
          busy={blinking.busy}
          reason={bulk.blink.reason && t(`devices.reason.${bulk.blink.reason}`)}
          onClick={() => void blinking.run(ableOf(devices, blinkBlock))}
          needs="devices.identify"
          data-testid="bulk-blink"
        >
          {bulk.blink.able > 0 && bulk.blink.able < devices.length
            ? t('devices.blinkCount', { count: bulk.blink.able })
            : t('devices.blink')}
        </Button>
        <Button
          small
          onClick={() => copy(devices.map((device) => device.serialNumber ?? device.udn).join('\n'))}
          data-testid="bulk-copy"
        >
          {t(copied ? 'shell.copied' : 'devices.copySerials')}
        </Button>
        <Button
          small
          reason={bulk.update.reason && t(`devices.reason.${bulk.update.reason}`)}
          onClick={() => beginRollout('', ableOf(devices, updateBlock))}
          needs="firmware.start"
          data-testid="bulk-firmware"
        >
          {t('devices.updateFirmware')}
        </Button>
        <Button
          small
          reason={bulk.configure.reason && t(`devices.reason.${bulk.configure.reason}`)}
          onClick={() => beginConfigure(ableOf(devices, configureBlock))}
          needs="configuration.preview"
          data-testid="configure-begin"
        >
          {bulk.configure.able > 0 && bulk.configure.able < devices.length
            ? t('configuration.beginCount', { count: bulk.configure.able })
            : t('configuration.begin')}
        </Button>
        <Button
          small
          reason={bulk.update.reason && t(`devices.reason.${bulk.update.reason}`)}
          onClick={() => beginMove(ableOf(devices, updateBlock))}
          needs="work.preview"
          data-testid="group-move"
        >
          {bulk.update.able > 0 && bulk.update.able < devices.length
            ? t('sitePlan.moveCount', { count: bulk.update.able })
            : t('sitePlan.move')}
        </Button>
        <Button
          small
          reason={bulk.leave.reason && t(`devices.reason.${bulk.leave.reason}`)}
          onClick={() => beginDecommission(ableOf(devices, leaveBlock))}
          needs="decommission.preview"
          data-testid="bulk-decommission"
        >
          {bulk.leave.able > 0 && bulk.leave.able < devices.length
            ? t('endOfLife.beginCount', { count: bulk.leave.able })
            : t('endOfLife.begin')}
        </Button>
      </div>
      {blinking.error && (
        <div className={css.bulkError}>
          <ErrorBox error={blinking.error} subject={devices.length === 1 ? labelOf(devices[0]) : undefined} />
        </div>
      )}
    </>
  )
})
