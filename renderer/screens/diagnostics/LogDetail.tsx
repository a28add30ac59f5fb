import { IconX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { StoredRecord } from '../../../electron/contract/device-log'
import { Button } from '../../components/Button'
import { Facts } from '../../components/Panel'
import { ScrollPart } from '../../components/ScrollPart'
import { useCopy } from '../../components/use-copy'
import { useLanguage } from '../../i18n'
import { labelOf } from '../../model/device-facts'
import { jsonLine } from '../../model/log'
import { exactTime } from '../../model/time'
import { useDevices } from '../../stores/devices'
import { showDevice } from '../../stores/view'
import css from './Diagnostics.module.css'
import { SeverityWord } from './LogCell'

/** Every field of one record, and its data. */
export const LogDetail = ({
  record,
  onClose,
}: {
  readonly record: StoredRecord
  readonly onClose: () => void
}) => {
  const { t } = useTranslation()
  const language = useLanguage()
  const device = useDevices((list) => list.byUdn.get(record.udn))
  const { copy, copied } = useCopy()
  const data = Object.entries(record.data ?? {})
  return (
    <aside className={css.detail} aria-label={t('diagnostics.log.details')} data-testid="log-detail">
      <div className={css.detailHead}>
        <h2>{labelOf(device, record.udn)}</h2>
        <Button small kind="quiet" aria-label={t('diagnostics.log.closeDetails')} onClick={onClose}>
          <IconX size={16} aria-hidden="true" />
        </Button>
      </div>
      <ScrollPart className={css.detailBody} label={t('diagnostics.log.details')}>
        <p className="select-text strong">{record.message}</p>
        <Facts
          rows={[
            [
              t('diagnostics.log.column.severity'),
              <SeverityWord key="severity" severity={record.severity} />,
            ],
            [t('diagnostics.log.column.time'), exactTime(record.timeMs, language)],
            [
              t('diagnostics.log.field.received'),
              <span key="clock">
                <span className="mono select-text">{record.time}</span>{' '}
                <span className="mute">
                  {t(
                    record.clockSynchronised
                      ? 'diagnostics.log.field.synced'
                      : 'diagnostics.log.field.unsynced',
                  )}
                </span>
              </span>,
            ],
            [t('diagnostics.log.column.component'), record.component],
            [
              t('diagnostics.log.column.code'),
              <span key="code" className="mono select-text">
                {record.code}
              </span>,
            ],
            [
              t('diagnostics.log.field.sequence'),
              <span key="seq" className="tnum">
                {record.sequence}
              </span>,
            ],
            [
              t('diagnostics.log.field.boot'),
              <span key="boot" className="tnum">
                {record.boot}
              </span>,
            ],
            [
              t('diagnostics.log.field.log'),
              <span key="log" className="mono select-text">
                {record.logId}
              </span>,
            ],
            ...data.map(
              ([name, value]) =>
                [
                  name,
                  <span key={name} className="mono select-text">
                    {value}
                  </span>,
                ] as const,
            ),
          ]}
        />
        <div className={css.detailActions}>
          <Button small onClick={() => copy(jsonLine(record))} data-testid="log-copy">
            {t(copied ? 'shell.copied' : 'diagnostics.log.copy')}
          </Button>
          {device && (
            <Button small kind="quiet" onClick={() => showDevice(device.udn)}>
              {t('commission.showDevice')}
            </Button>
          )}
        </div>
      </ScrollPart>
    </aside>
  )
}
