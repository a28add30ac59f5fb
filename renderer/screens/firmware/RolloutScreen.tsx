import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { RolloutView } from '../../../electron/contract/firmware'
import { Ago } from '../../components/Ago'
import { Announcer } from '../../components/Announcer'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { Panel, ScreenHead, Teach } from '../../components/Panel'
import { Pill } from '../../components/Pill'
import { ErrorBox, StateBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { useKeys } from '../../components/use-keys'
import { countsOf, isOver, ROLLOUT_TONE, toRetry, totalOf } from '../../model/firmware-waves'
import {
  loadBoard,
  pauseRollout,
  resumeRollout,
  retryRollout,
  stopRollout,
  useFirmware,
} from '../../stores/firmware'
import { openDetail, useView } from '../../stores/view'
import { showFirmware } from '../../wizards/firmware/store'
import { DeviceDrawer } from '../devices/DeviceDrawer'
import { Board } from './Board'
import { SignerPill } from './BundleFacts'
import css from './Firmware.module.css'
import { WaveCards } from './WaveCards'

const Explanation = ({ rollout }: { readonly rollout: RolloutView }) => {
  const { t } = useTranslation()
  if (rollout.state === 'paused') {
    const reason = rollout.pauseReason ?? 'person'
    return (
      <StateBox
        tone="warn"
        what={t(`firmware.paused.${reason}.what`, {
          percent: rollout.plan.errorPercent,
          pass: rollout.plan.passPercent,
        })}
        state={t('firmware.paused.state')}
        next={t(`firmware.paused.${reason}.next`)}
        alert
      />
    )
  }
  if (rollout.state === 'stopping' || rollout.state === 'stopped')
    return (
      <StateBox
        tone="neutral"
        what={t(`firmware.ended.${rollout.state}.what`)}
        state={t(`firmware.ended.${rollout.state}.state`)}
        next={t(`firmware.ended.${rollout.state}.next`)}
      />
    )
  if (rollout.state !== 'done') return null
  const { failed, rolledBack, total } = totalOf(rollout)
  const missed = failed + rolledBack
  const key = missed === 0 ? 'done' : missed === total ? 'doneNone' : 'doneSome'
  return (
    <StateBox
      tone={key === 'done' ? 'ok' : 'warn'}
      what={t(`firmware.ended.${key}.what`, { count: missed })}
      state={t(`firmware.ended.${key}.state`)}
      next={t(`firmware.ended.${key}.next`)}
    />
  )
}

type Act = ReturnType<typeof useAct>
const useAct = () => useAction((work: () => Promise<unknown>) => work())

const Actions = ({
  rollout,
  stopped,
  act,
}: {
  readonly rollout: RolloutView
  readonly stopped: number
  readonly act: Act
}) => {
  const { t } = useTranslation()
  const [stopping, setStopping] = useState(false)
  const over = isOver(rollout)
  const retryable = toRetry(rollout, stopped)
  return (
    <>
      {!over && rollout.state === 'paused' ? (
        <Button
          kind="primary"
          busy={act.busy}
          onClick={() => void act.run(() => resumeRollout(rollout.id))}
          needs="firmware.resume"
          data-testid="rollout-resume"
        >
          {t('firmware.resume')}
        </Button>
      ) : (
        !over && (
          <Button
            busy={act.busy}
            reason={rollout.state === 'stopping' ? t('firmware.reason.stopping') : undefined}
            onClick={() => void act.run(() => pauseRollout(rollout.id))}
            needs="firmware.pause"
            data-testid="rollout-pause"
          >
            {t('firmware.pause')}
          </Button>
        )
      )}
      {!over && (
        <>
          <Button
            busy={act.busy}
            reason={rollout.state === 'stopping' ? t('firmware.reason.stopping') : undefined}
            onClick={() => void act.run(() => stopRollout(rollout.id, 'after-wave'))}
            needs="firmware.stop"
            data-testid="rollout-stop-wave"
          >
            {t('firmware.stopWave')}
          </Button>
          <Button
            kind="danger"
            onClick={() => setStopping(true)}
            needs="firmware.stop"
            data-testid="rollout-stop-now"
          >
            {t('firmware.stopNow')}
          </Button>
        </>
      )}
      {(over || retryable > 0) && (
        <Button
          kind={over && retryable > 0 ? 'primary' : 'plain'}
          busy={act.busy}
          reason={retryable === 0 ? t('firmware.reason.nothingFailed') : undefined}
          onClick={() => void act.run(() => retryRollout(rollout.id))}
          needs="firmware.retry"
          data-testid="rollout-retry"
        >
          {retryable > 0 ? t('firmware.retryCount', { count: retryable }) : t('firmware.retry')}
        </Button>
      )}
      <Dialog
        open={stopping}
        onClose={() => setStopping(false)}
        title={t('firmware.stopTitle')}
        testid="rollout-stop-dialog"
        actions={
          <>
            <Button onClick={() => setStopping(false)} data-autofocus>
              {t('shell.back')}
            </Button>
            <Button
              kind="danger"
              onClick={() => {
                setStopping(false)
                void act.run(() => stopRollout(rollout.id, 'now'))
              }}
              needs="firmware.stop"
              data-testid="rollout-stop-yes"
            >
              {t('firmware.stopNowYes')}
            </Button>
          </>
        }
      >
        <p>{t('firmware.stopText')}</p>
      </Dialog>
    </>
  )
}

/** One rollout: its waves, and every device in it. */
export const RolloutScreen = ({ id }: { readonly id: string }) => {
  const { t } = useTranslation()
  const rollout = useFirmware((mirror) => mirror.rollouts.find((one) => one.id === id))
  const bundle = useFirmware((mirror) => mirror.library?.bundles.find((one) => one.id === rollout?.bundleId))
  const board = useFirmware((mirror) => mirror.boards.get(id))
  const detail = useView((view) => view.detail)
  const [wave, setWave] = useState<number>()
  const load = useAction(loadBoard)
  const act = useAct()
  const { run } = load
  useEffect(() => void run(id), [run, id])
  useKeys([['Escape', () => (detail === undefined ? showFirmware() : openDetail(undefined))]])
  if (!rollout)
    return (
      <Panel className={css.whole}>
        <Teach
          title={t('firmware.gone')}
          actions={
            <Button kind="primary" onClick={showFirmware}>
              {t('firmware.all')}
            </Button>
          }
        >
          <p>{t('firmware.goneText')}</p>
        </Teach>
      </Panel>
    )
  const name = t('firmware.name', { version: rollout.version, model: rollout.model })
  const counts = countsOf(totalOf(rollout))
    .map(([key, count]) => t(`firmware.count.${key}`, { count }))
    .join(' · ')
  const stopped = [...(board?.values() ?? [])].filter((row) => row.state === 'stopped').length
  const inBoard = detail !== undefined && board?.has(detail) === true
  return (
    <div className={css.rolloutView} data-testid={`rollout-${id}`} data-state={rollout.state}>
      <ScreenHead title={name}>
        <span className={css.headPills}>
          <Pill tone={ROLLOUT_TONE[rollout.state]}>{t(`firmware.rollout.${rollout.state}`)}</Pill>
        </span>
        <Actions rollout={rollout} stopped={stopped} act={act} />
      </ScreenHead>
      <div className={css.facts}>
        <Button small kind="quiet" onClick={showFirmware} data-testid="rollout-back">
          <span aria-hidden="true">‹ </span>
          {t('firmware.all')}
        </Button>
        {bundle && <SignerPill bundle={bundle} />}
        {bundle && (
          <Pill tone="neutral" sign="lock">
            {t('firmware.fact.security', { version: bundle.manifest.securityVersion })}
          </Pill>
        )}
        <span className={`tnum ${css.factCounts}`}>{counts}</span>
        <Ago atMs={rollout.endedAtMs ?? rollout.createdAtMs} className="mute" />
      </div>
      <Announcer text={`${t(`firmware.rollout.${rollout.state}`)}: ${counts}`} />
      <Explanation rollout={rollout} />
      {act.error && <ErrorBox error={act.error} subject={name} />}
      {load.error && <ErrorBox error={load.error} subject={name} />}
      <WaveCards rollout={rollout} chosen={wave} onPick={setWave} />
      <div className={css.split}>
        <Board rollout={rollout} wave={wave} onWave={setWave} />
        {inBoard && <DeviceDrawer key={detail} udn={detail} first="firmware" />}
      </div>
    </div>
  )
}
