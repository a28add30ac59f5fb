import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import { assertNever } from '../../../electron/contract/assert-never'
import { SEVERITIES } from '../../../electron/contract/device-log'
import { TONE_SIGN } from '../../components/Pill'
import { Sign } from '../../components/Sign'
import type { TableColumn } from '../../components/VirtualTable'
import { useLanguage } from '../../i18n'
import { labelOf } from '../../model/device-facts'
import { type LogRow, severityTone } from '../../model/log'
import { exactTime } from '../../model/time'
import { useDevices } from '../../stores/devices'
import css from './Diagnostics.module.css'

export type LogColumn = 'time' | 'severity' | 'device' | 'component' | 'message' | 'code'

export const LOG_COLUMNS: readonly TableColumn<LogColumn>[] = [
  { key: 'time', min: 146, grow: 0, priority: 9 },
  { key: 'severity', min: 100, grow: 0, priority: 8 },
  { key: 'device', min: 130, grow: 1, priority: 7 },
  { key: 'component', min: 92, grow: 0.4, priority: 3 },
  { key: 'message', min: 260, grow: 5, priority: 10 },
  { key: 'code', min: 130, grow: 0.8, priority: 2 },
]

/** "22.11. 18:07:28". */
export const useLogTime = () => {
  const language = useLanguage()
  const format = new Intl.DateTimeFormat(language, {
    day: '2-digit',
    month: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  })
  return (atMs: number) => format.format(atMs)
}

export const SeverityWord = ({ severity }: { readonly severity: number }) => {
  const { t } = useTranslation()
  const tone = severityTone(severity)
  const name = SEVERITIES[severity] ?? 'debug'
  return (
    <span className={`${css.word} ${css[tone]}`}>
      <Sign name={severity < 7 ? TONE_SIGN[tone] : 'dash'} size={11} /> {t(`diagnostics.log.level.${name}`)}
    </span>
  )
}

const Lost = ({
  row,
  column,
}: {
  readonly row: Extract<LogRow, { kind: 'lost' }>
  readonly column: LogColumn
}) => {
  const { t } = useTranslation()
  const device = useDevices((list) => list.byUdn.get(row.udn))
  if (column === 'device') return <span className="mute">{labelOf(device, row.udn)}</span>
  if (column !== 'message') return <span className="mute">{column === 'time' ? '⋯' : ''}</span>
  return (
    <span className={`${css.word} ${css.warn}`}>
      <Sign name="warning" size={11} /> {t('diagnostics.log.lost', { count: row.count })}
    </span>
  )
}

/** One field of one record. */
export const LogCell = memo(({ row, column }: { readonly row: LogRow; readonly column: LogColumn }) => {
  const { t } = useTranslation()
  const language = useLanguage()
  const time = useLogTime()
  const device = useDevices((list) => (row.kind === 'record' ? list.byUdn.get(row.record.udn) : undefined))
  if (row.kind === 'lost') return <Lost row={row} column={column} />
  const { record } = row
  switch (column) {
    case 'time':
      return (
        <time
          dateTime={record.time}
          title={
            record.clockSynchronised
              ? exactTime(record.timeMs, language)
              : `${exactTime(record.timeMs, language)} · ${t('diagnostics.log.clockOff')}`
          }
        >
          {time(record.timeMs)}
          {!record.clockSynchronised && <span className="mute"> ?</span>}
        </time>
      )
    case 'severity':
      return <SeverityWord severity={record.severity} />
    case 'device':
      return labelOf(device, record.udn)
    case 'component':
      return <span className="mute">{record.component}</span>
    case 'message':
      return <span className={record.severity <= 3 ? 'strong' : undefined}>{record.message}</span>
    case 'code':
      return <span className="mono mute">{record.code}</span>
    default:
      return assertNever(column)
  }
})
