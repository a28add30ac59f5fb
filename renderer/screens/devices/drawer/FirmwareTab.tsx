import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Device } from '../../../../electron/contract/device'
import type { BankStatus } from '../../../../electron/contract/firmware'
import { Ago } from '../../../components/Ago'
import { Announcer } from '../../../components/Announcer'
import { Banks } from '../../../components/Banks'
import { Button } from '../../../components/Button'
import { Facts } from '../../../components/Panel'
import { Progress } from '../../../components/Progress'
import { ErrorBox, StateBox } from '../../../components/StateBox'
import { useAction } from '../../../components/use-action'
import { labelOf } from '../../../model/device-facts'
import {
  bankCells,
  confirmBlock,
  probationShare,
  revertBlock,
  standbyBank,
} from '../../../model/firmware-banks'
import { spanText } from '../../../model/firmware-figures'
import { BOARD_TONE, nextOfStatus, stateOfStatus } from '../../../model/firmware-next'
import { useClock } from '../../../stores/clock'
import { askBanks, keepFirmware, revertFirmware, useFirmware } from '../../../stores/firmware'
import { useBytes, useNextText } from '../../firmware/use-texts'
import css from '../Drawer.module.css'

interface Known {
  readonly status: BankStatus
  readonly atMs: number
}

/** The newest word of a board about this device, if a rollout has it. */
const useBoardWord = (udn: string): Known | undefined => {
  const row = useFirmware((mirror) => {
    let newest: { status: BankStatus; statusAtMs: number } | undefined
    for (const board of mirror.boards.values()) {
      const one = board.get(udn)
      if (one?.status && (one.statusAtMs ?? 0) > (newest?.statusAtMs ?? 0))
        newest = one as { status: BankStatus; statusAtMs: number }
    }
    return newest
  })
  return row && { status: row.status, atMs: row.statusAtMs }
}

const Update = ({ known, label }: { readonly known: Known; readonly label: string }) => {
  const { t } = useTranslation()
  const bytes = useBytes()
  const nextText = useNextText()
  const { status, atMs } = known
  const { update } = status
  const state = stateOfStatus(status)
  const text = useClock(({ nowMs }) => nextText(nextOfStatus(status, atMs), nowMs, label))
  const share = probationShare(status)
  const loading = state === 'downloading' && update && update.totalBytes > 0
  const what = state ? t(`firmware.state.${state}`) : t('firmware.drawer.idle')
  return (
    <>
      <StateBox
        tone={state ? BOARD_TONE[state] : 'neutral'}
        what={update && state ? t('firmware.drawer.what', { version: update.version, state: what }) : what}
        state={t(`firmware.drawer.state.${state ?? 'none'}`)}
        next={text}
      />
      {loading && (
        <div>
          <Progress value={update.receivedBytes / update.totalBytes} label={what} />
          <p className="mute tnum">
            {t('firmware.drawer.received', {
              received: bytes(update.receivedBytes),
              total: bytes(update.totalBytes),
            })}
          </p>
        </div>
      )}
      {update?.probation && share !== undefined && state === 'probation' && (
        <div>
          <Progress value={share} label={t('firmware.board.trialOf', { name: label })} />
          <p className="mute tnum">
            {t('firmware.drawer.ran', {
              ran: spanText(update.probation.ranS),
              needed: spanText(update.probation.neededS),
            })}
          </p>
        </div>
      )}
      <Announcer text={what} />
    </>
  )
}

/** The two banks of a device, what its update does, and what can be done about it. */
export const FirmwareTab = ({ device }: { readonly device: Device }) => {
  const { t } = useTranslation()
  const { udn } = device
  const label = labelOf(device)
  const [asked, setAsked] = useState<Known>()
  const board = useBoardWord(udn)
  const ask = useAction(async () => setAsked({ status: await askBanks(udn), atMs: Date.now() }))
  const { run } = ask
  const reachable =
    device.managed && device.online && (device.phase === 'operation' || device.phase === 'maintenance')
  // Asked when the tab opens, and again when the device has told that its state changed.
  const told = device.firmware?.updateState
  // biome-ignore lint/correctness/useExhaustiveDependencies: `told` and the bank ask for another look
  useEffect(() => {
    if (reachable) void run()
  }, [run, reachable, told, device.firmware?.activeBank])
  const act = useAction(async (work: (udns: readonly string[]) => Promise<unknown>) => {
    await work([udn])
    await run()
  })
  const known = asked && board ? (asked.atMs >= board.atMs ? asked : board) : (asked ?? board)
  const confirmOff = confirmBlock(device, known?.status)
  const revertOff = revertBlock(device, known?.status)
  const standby = known && standbyBank(known.status)
  return (
    <>
      {known ? (
        <>
          <Banks cells={bankCells(known.status)} large />
          <Update known={known} label={label} />
        </>
      ) : reachable ? (
        !ask.error && (
          <p className="mute" role="status">
            {t('firmware.drawer.asking')}
          </p>
        )
      ) : (
        <p className="mute">{t(device.managed ? 'firmware.drawer.notNow' : 'firmware.drawer.notManaged')}</p>
      )}
      {ask.error && <ErrorBox error={ask.error} subject={label} />}
      {act.error && <ErrorBox error={act.error} subject={label} />}
      <div className={css.actions}>
        <Button
          small
          kind={confirmOff ? 'plain' : 'primary'}
          busy={act.busy}
          reason={confirmOff && t(`firmware.block.${confirmOff}`)}
          onClick={() => void act.run(keepFirmware)}
          needs="firmware.confirm"
          data-testid="firmware-confirm"
        >
          {t('firmware.keep')}
        </Button>
        <Button
          small
          busy={act.busy}
          reason={revertOff && t(`firmware.block.${revertOff}`)}
          onClick={() => void act.run(revertFirmware)}
          needs="firmware.revert"
          data-testid="firmware-revert"
        >
          {standby?.version && !revertOff
            ? t('firmware.revertTo', { version: standby.version })
            : t('firmware.revert')}
        </Button>
        <Button
          small
          kind="quiet"
          busy={ask.busy}
          reason={
            reachable
              ? undefined
              : t(device.managed ? 'firmware.block.offline' : 'firmware.block.not-managed')
          }
          onClick={() => void run()}
          data-testid="firmware-ask"
        >
          {t('firmware.drawer.ask')}
        </Button>
      </div>
      {known && (
        <Facts
          rows={[
            [t('firmware.drawer.floor'), String(known.status.securityVersion)],
            [t('firmware.drawer.checked'), <Ago key="at" atMs={known.atMs} />],
          ]}
        />
      )}
    </>
  )
}
