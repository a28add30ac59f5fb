import { useTranslation } from 'react-i18next'
import type { Device } from '../../../../electron/contract/device'
import { HEALTH_METRICS, type HealthMetric } from '../../../../electron/contract/health'
import { Ago } from '../../../components/Ago'
import { Button } from '../../../components/Button'
import { Facts } from '../../../components/Panel'
import { Sign } from '../../../components/Sign'
import { useLanguage } from '../../../i18n'
import { checkBlock } from '../../../model/check'
import { metricLevel, sortedAlarms, valueWords } from '../../../model/health'
import { useHealth } from '../../../stores/health'
import { beginCheck, showChartOf } from '../../../wizards/diagnostics/store'
import diagnostics from '../../diagnostics/Diagnostics.module.css'
import { MiniChart } from '../../diagnostics/MiniChart'
import { useAlarmText } from '../../diagnostics/use-texts'
import css from '../Drawer.module.css'

/** How the device is now, what is wrong with it, and the last hour of the value that matters most. */
export const HealthTab = ({ device }: { readonly device: Device }) => {
  const { t } = useTranslation()
  const language = useLanguage()
  const alarmText = useAlarmText()
  const health = useHealth(({ byUdn }) => byUdn.get(device.udn))
  if (!health || health.feed === 'none') return <p className="mute">{t('diagnostics.drawer.none')}</p>
  const alarms = sortedAlarms(health.alarms)
  const told = HEALTH_METRICS.filter((metric) => health.values[metric] !== undefined)
  const shown: HealthMetric =
    told.find((metric) => metricLevel(alarms, metric) !== 'ok') ?? told[0] ?? 'temperature'
  const block = checkBlock(device)
  return (
    <>
      <section>
        <h3>{t('diagnostics.drawer.alarms')}</h3>
        {alarms.length === 0 ? (
          <p className="mute">{t('diagnostics.drawer.well')}</p>
        ) : (
          <ul className={css.list}>
            {alarms.map((alarm) => (
              <li key={alarm.sign} className={css.item}>
                <span className={`${diagnostics.word} ${diagnostics[alarm.level]}`}>
                  <Sign name={alarm.level === 'bad' ? 'cross' : 'warning'} /> {alarmText(alarm)}
                </span>
                <Ago atMs={alarm.sinceMs} className="mute" />
              </li>
            ))}
          </ul>
        )}
      </section>
      <MiniChart udn={device.udn} metric={shown} />
      <Facts
        rows={[
          ...told.map(
            (metric) =>
              [
                t(`diagnostics.metric.${metric}`),
                <span
                  key={metric}
                  className={`tnum ${metricLevel(alarms, metric) === 'ok' ? '' : `strong ${diagnostics[metricLevel(alarms, metric)]}`}`}
                >
                  {valueWords(metric, health.values[metric] ?? 0, language)}
                </span>,
              ] as const,
          ),
          ...(health.link
            ? [
                [
                  t('diagnostics.drawer.link'),
                  `${health.link.name} · ${t(health.link.up ? 'diagnostics.drawer.up' : 'diagnostics.drawer.down')}${
                    health.link.speedMbps === undefined ? '' : ` · ${health.link.speedMbps} Mbit/s`
                  }`,
                ] as const,
              ]
            : []),
          [
            t('diagnostics.drawer.told'),
            <span key="told" title={t(`diagnostics.feed.${health.feed}Why`)}>
              {health.atMs !== undefined && <Ago atMs={health.atMs} />}{' '}
              <span className="mute">{t(`diagnostics.feed.${health.feed}`)}</span>
            </span>,
          ],
        ]}
      />
      <div className={css.actions}>
        <Button
          small
          needs="check.start"
          reason={block && t(`diagnostics.wizard.block.${block}`)}
          onClick={() => beginCheck([device.udn])}
          data-testid="drawer-check"
        >
          {t('diagnostics.drawer.check')}
        </Button>
        <Button small onClick={() => showChartOf(device.udn, shown)} data-testid="drawer-chart">
          {t('diagnostics.drawer.openChart')}
        </Button>
      </div>
    </>
  )
}
