import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import { assertNever } from '../../../electron/contract/assert-never'
import { Ago } from '../../components/Ago'
import { Pill } from '../../components/Pill'
import { Sign } from '../../components/Sign'
import type { TableColumn } from '../../components/VirtualTable'
import { useLanguage } from '../../i18n'
import {
  CLASS_TONE,
  type HealthRow,
  healthClass,
  metricLevel,
  sortedAlarms,
  valueWords,
} from '../../model/health'
import { type SparkMetric, useHealth } from '../../stores/health'
import css from './Diagnostics.module.css'
import { Spark } from './Spark'
import { useAlarmText } from './use-texts'

export type HealthColumn = 'device' | 'level' | 'alarms' | SparkMetric | 'feed' | 'at'

export const HEALTH_COLUMNS: readonly TableColumn<HealthColumn>[] = [
  { key: 'device', min: 140, grow: 1.4, priority: 10 },
  { key: 'level', min: 130, grow: 0, priority: 9 },
  { key: 'alarms', min: 210, grow: 3, priority: 8 },
  { key: 'temperature', min: 112, grow: 0.2, priority: 7 },
  { key: 'supply', min: 112, grow: 0.2, priority: 6 },
  { key: 'memory', min: 100, grow: 0.2, priority: 4 },
  { key: 'feed', min: 84, grow: 0.1, priority: 3 },
  { key: 'at', min: 92, grow: 0.1, priority: 5 },
]

const Dash = () => <span className="mute">—</span>

const Value = ({ udn, metric }: { readonly udn: string; readonly metric: SparkMetric }) => {
  const language = useLanguage()
  const health = useHealth(({ byUdn }) => byUdn.get(udn))
  const value = health?.values[metric]
  if (!health || value === undefined) return <Dash />
  const level = metricLevel(health.alarms, metric)
  return (
    <span className={`${css.value} tnum ${level === 'ok' ? '' : `strong ${css[level]}`}`}>
      {level !== 'ok' && <Sign name={level === 'bad' ? 'cross' : 'warning'} size={10} />}
      {valueWords(metric, value, language)}
      <Spark udn={udn} metric={metric} />
    </span>
  )
}

const Alarms = ({ udn }: { readonly udn: string }) => {
  const { t } = useTranslation()
  const alarmText = useAlarmText()
  const alarms = useHealth(({ byUdn }) => byUdn.get(udn)?.alarms)
  if (!alarms) return <Dash />
  const [worst, ...more] = sortedAlarms(alarms)
  if (!worst) return <span className="mute">{t('diagnostics.noAlarm')}</span>
  const all = sortedAlarms(alarms).map(alarmText)
  return (
    <span title={all.join('\n')}>
      {all[0]}
      {more.length > 0 && (
        <span className="mute"> {t('diagnostics.moreAlarms', { count: more.length })}</span>
      )}
    </span>
  )
}

const Level = ({ udn }: { readonly udn: string }) => {
  const { t } = useTranslation()
  const kind = useHealth(({ byUdn }) => healthClass(byUdn.get(udn)))
  return (
    <Pill tone={CLASS_TONE[kind]} {...(kind === 'quiet' ? { sign: 'ring' as const } : {})}>
      {t(`diagnostics.class.${kind}`)}
    </Pill>
  )
}

const Feed = ({ udn }: { readonly udn: string }) => {
  const { t } = useTranslation()
  const feed = useHealth(({ byUdn }) => byUdn.get(udn)?.feed ?? 'none')
  return (
    <span
      className={feed === 'events' || feed === 'none' ? 'mute' : css.warn}
      title={t(`diagnostics.feed.${feed}Why`)}
    >
      {t(`diagnostics.feed.${feed}`)}
    </span>
  )
}

const At = ({ udn }: { readonly udn: string }) => {
  const atMs = useHealth(({ byUdn }) => byUdn.get(udn)?.atMs)
  return atMs === undefined ? <Dash /> : <Ago atMs={atMs} className="mute" />
}

/** One fact of one device. Each reads its own part of the mirror: a report redraws the cells that it changes, no more. */
export const HealthCell = memo(
  ({ row, column }: { readonly row: HealthRow; readonly column: HealthColumn }) => {
    switch (column) {
      case 'device':
        return <span className="strong">{row.label}</span>
      case 'level':
        return <Level udn={row.udn} />
      case 'alarms':
        return <Alarms udn={row.udn} />
      case 'temperature':
      case 'supply':
      case 'memory':
        return <Value udn={row.udn} metric={column} />
      case 'feed':
        return <Feed udn={row.udn} />
      case 'at':
        return <At udn={row.udn} />
      default:
        return assertNever(column)
    }
  },
)
