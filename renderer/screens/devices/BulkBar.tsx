import { IconX } from '@tabler/icons-react'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Device } from '../../../electron/contract/device'
import { Button } from '../../components/Button'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { useCopy } from '../../components/use-copy'
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

/** Which of the devices an action can work on, and the one reason why none can. */
const judge = <R extends string>(devices: readonly Device[], block: (device: Device) => R | undefined) => {
  const able: Device[] = []
  let only: R | undefined
  let mixed = false
  for (const device of devices) {
    const reason = block(device)
    if (reason === undefined) able.push(device)
    else if (only === undefined) only = reason
    else if (only !== reason) mixed = true
  }
  return { able, reason: able.length > 0 ? undefined : mixed || !only ? ('mixed' as const) : only }
}

/** All of it in one go, and only when the selection or one of its devices has changed. */
const judgeAll = (devices: readonly Device[]) => ({
  toCommission: judge(devices, commissionBlock),
  toProvision: devices.filter((device) => device.state === 'needs-network'),
  toBlink: judge(devices, blinkBlock),
  toUpdate: judge(devices, updateBlock),
  toConfigure: judge(devices, configureBlock),
  toLeave: judge(devices, leaveBlock),
})

/** What can be done with the selected devices. What cannot stays, greyed, with its reason. */
export const BulkBar = () => {
  const { t } = useTranslation()
  const selected = useView((view) => view.selected)
  const byUdn = useDevices((list) => list.byUdn)
  const devices = useMemo(
    () =>
      [...selected].map((udn) => byUdn.get(udn)).filter((device): device is Device => device !== undefined),
    [selected, byUdn],
  )
  const blinking = useAction(blink)
  const { copy, copied } = useCopy()
  const { toCommission, toProvision, toBlink, toUpdate, toConfigure, toLeave } = useMemo(
    () => judgeAll(devices),
    [devices],
  )
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
          kind={toCommission.reason ? 'plain' : 'primary'}
          small
          reason={toCommission.reason && t(`devices.reason.${toCommission.reason}`)}
          onClick={() => startCommission(toCommission.able.map((device) => device.udn))}
          needs="jobs.commission"
          data-testid="bulk-commission"
        >
          {toCommission.able.length > 0 && toCommission.able.length < devices.length
            ? t('devices.commissionCount', { count: toCommission.able.length })
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
          reason={toBlink.reason && t(`devices.reason.${toBlink.reason}`)}
          onClick={() => void blinking.run(toBlink.able.map((device) => device.udn))}
          needs="devices.identify"
          data-testid="bulk-blink"
        >
          {toBlink.able.length > 0 && toBlink.able.length < devices.length
            ? t('devices.blinkCount', { count: toBlink.able.length })
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
          reason={toUpdate.reason && t(`devices.reason.${toUpdate.reason}`)}
          onClick={() =>
            beginRollout(
              '',
              toUpdate.able.map((device) => device.udn),
            )
          }
          needs="firmware.start"
          data-testid="bulk-firmware"
        >
          {t('devices.updateFirmware')}
        </Button>
        <Button
          small
          reason={toConfigure.reason && t(`devices.reason.${toConfigure.reason}`)}
          onClick={() => beginConfigure(toConfigure.able.map((device) => device.udn))}
          needs="configuration.preview"
          data-testid="configure-begin"
        >
          {toConfigure.able.length > 0 && toConfigure.able.length < devices.length
            ? t('configuration.beginCount', { count: toConfigure.able.length })
            : t('configuration.begin')}
        </Button>
        <Button
          small
          reason={toUpdate.reason && t(`devices.reason.${toUpdate.reason}`)}
          onClick={() => beginMove(toUpdate.able.map((device) => device.udn))}
          needs="work.preview"
          data-testid="group-move"
        >
          {toUpdate.able.length > 0 && toUpdate.able.length < devices.length
            ? t('sitePlan.moveCount', { count: toUpdate.able.length })
            : t('sitePlan.move')}
        </Button>
        <Button
          small
          reason={toLeave.reason && t(`devices.reason.${toLeave.reason}`)}
          onClick={() => beginDecommission(toLeave.able.map((device) => device.udn))}
          needs="decommission.preview"
          data-testid="bulk-decommission"
        >
          {toLeave.able.length > 0 && toLeave.able.length < devices.length
            ? t('endOfLife.beginCount', { count: toLeave.able.length })
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
}
