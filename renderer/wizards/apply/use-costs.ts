import { useTranslation } from 'react-i18next'
import type { SiteTask, SiteWork } from '../../../electron/contract/site-plan'
import { useLanguage } from '../../i18n'
import { roughBytes, roughTime } from '../../model/site-work'

/** What tasks cost, in words. They are estimates and say so. */
export const useCosts = () => {
  const { t } = useTranslation()
  const language = useLanguage()
  const downtimeOf = (seconds: number) =>
    seconds > 0 ? t('sitePlan.work.downtime', { time: roughTime(seconds) }) : t('sitePlan.work.noDowntime')
  return {
    ofTask: ({ bytes, downtimeS, durationS, probationS }: SiteTask): string =>
      t('sitePlan.work.estimate', {
        parts: [
          t('sitePlan.work.duration', { time: roughTime(durationS) }),
          ...(bytes > 0 ? [t('sitePlan.work.bytes', { bytes: roughBytes(bytes, language) })] : []),
          downtimeOf(downtimeS),
          ...(probationS ? [t('sitePlan.work.probation', { time: roughTime(probationS) })] : []),
        ].join(', '),
      }),
    ofWork: ({ totals }: SiteWork): string => {
      const { devices, tasks, bytes, downtimeS, durationS, held } = totals
      return [
        t('sitePlan.work.totalText', {
          devices: t('sitePlan.work.totalDevices', { count: devices }),
          tasks: t('sitePlan.work.totalTasks', { count: tasks }),
          time: roughTime(durationS),
          bytes: roughBytes(bytes, language),
          downtime:
            downtimeS > 0
              ? t('sitePlan.work.totalDowntime', { time: roughTime(downtimeS) })
              : t('sitePlan.work.noDowntime'),
        }),
        ...(held > 0 ? [t('sitePlan.work.totalHeld', { count: held })] : []),
      ].join(' ')
    },
  }
}
