import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import { assertNever } from '../../../electron/contract/assert-never'
import { Banks } from '../../components/Banks'
import { Pill } from '../../components/Pill'
import { Progress } from '../../components/Progress'
import { bankCells, probationShare } from '../../model/firmware-banks'
import type { Placed } from '../../model/firmware-board'
import { spanText } from '../../model/firmware-figures'
import { BOARD_TONE, nextOfRow } from '../../model/firmware-next'
import { useClock } from '../../stores/clock'
import { useFirmware } from '../../stores/firmware'
import css from './Board.module.css'
import { useNextText, useWaveName } from './use-texts'

export type BoardColumn = 'device' | 'wave' | 'runs' | 'banks' | 'switch' | 'state' | 'next'

const Dash = () => <span className="mute">—</span>

/** How far the trial is, or the download. */
const SinceSwitch = ({ placed }: { readonly placed: Placed }) => {
  const { t } = useTranslation()
  const { row, label } = placed
  const update = row.status?.update
  const share = probationShare(row.status)
  const probation = update?.probation
  if (probation && share !== undefined && (row.state === 'probation' || row.state === 'confirmed')) {
    const done = row.state === 'confirmed'
    const text = done
      ? spanText(probation.neededS)
      : t('firmware.board.left', { time: spanText(probation.neededS - probation.ranS) })
    return (
      <span className={css.bar}>
        <Progress value={done ? 1 : share} label={t('firmware.board.trialOf', { name: label })} />
        <span className="tnum">{text}</span>
      </span>
    )
  }
  if (probation && row.state === 'rolledBack')
    return (
      <span className={css.bar}>
        <Progress value={share ?? 0} label={t('firmware.board.trialOf', { name: label })} bad />
        <span className="tnum">{t('firmware.board.after', { time: spanText(probation.ranS) })}</span>
      </span>
    )
  return <Dash />
}

const State = ({ placed }: { readonly placed: Placed }) => {
  const { t } = useTranslation()
  const { row } = placed
  const update = row.status?.update
  const percent =
    row.state === 'downloading' && update && update.totalBytes > 0
      ? Math.floor((update.receivedBytes / update.totalBytes) * 100)
      : undefined
  return (
    <Pill tone={BOARD_TONE[row.state]}>
      {percent === undefined
        ? t(`firmware.state.${row.state}`)
        : update?.state === 'verifying'
          ? t('firmware.state.verifying')
          : t('firmware.state.downloadingAt', { percent })}
    </Pill>
  )
}

const NextCell = ({ placed }: { readonly placed: Placed }) => {
  const nextText = useNextText()
  const rollout = useFirmware((mirror) => mirror.rollouts.find(({ id }) => id === placed.row.rolloutId))
  const text = useClock(({ nowMs }) =>
    rollout ? nextText(nextOfRow(placed.row, rollout), nowMs, placed.label) : '',
  )
  return <span title={text}>{text}</span>
}

const WaveCell = ({ wave }: { readonly wave: number }) => <>{useWaveName()(wave)}</>

/** One value of one row of the board. */
export const BoardCell = memo(
  ({ row: placed, column }: { readonly row: Placed; readonly column: BoardColumn }) => {
    const { row, label, runs } = placed
    switch (column) {
      case 'device':
        return (
          <span className="strong" title={label}>
            {label}
          </span>
        )
      case 'wave':
        return <WaveCell wave={row.wave} />
      case 'runs':
        return runs ? <span className="mono">{runs}</span> : <Dash />
      case 'banks':
        return row.status ? <Banks cells={bankCells(row.status)} /> : <Dash />
      case 'switch':
        return <SinceSwitch placed={placed} />
      case 'state':
        return <State placed={placed} />
      case 'next':
        return <NextCell placed={placed} />
      default:
        return assertNever(column)
    }
  },
)
