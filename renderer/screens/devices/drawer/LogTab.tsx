import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Device } from '../../../../electron/contract/device'
import type { StoredRecord } from '../../../../electron/contract/device-log'
import { asCallError, type CallError } from '../../../bridge'
import { Ago } from '../../../components/Ago'
import { Button } from '../../../components/Button'
import { ErrorBox } from '../../../components/StateBox'
import { useAction } from '../../../components/use-action'
import { checkBlock } from '../../../model/check'
import { labelOf } from '../../../model/device-facts'
import { fetchLogs, latestOf, useLog, writeOnDevice } from '../../../stores/log'
import { showLogOf } from '../../../wizards/diagnostics/store'
import { SeverityWord } from '../../diagnostics/LogCell'
import css from '../Drawer.module.css'

const SHOWN = 20

/** The last records of the device that are stored here. */
export const LogTab = ({ device }: { readonly device: Device }) => {
  const { t } = useTranslation()
  const { udn } = device
  const stand = useLog((log) => log.stands.get(udn))
  const [records, setRecords] = useState<readonly StoredRecord[]>([])
  const [written, setWritten] = useState<{ readonly file: string; readonly written: number }>()
  const [failed, setFailed] = useState<CallError>()
  const fetching = useAction((one: string) => fetchLogs([one], false))
  const writing = useAction(async (one: string) => setWritten(await writeOnDevice(one)))
  const through = stand?.through
  // biome-ignore lint/correctness/useExhaustiveDependencies: `through` says that more is stored now
  useEffect(() => {
    let gone = false
    setFailed(undefined)
    latestOf(udn, SHOWN).then(
      (latest) => {
        if (!gone) setRecords(latest)
      },
      (thrown) => {
        const error = asCallError(thrown)
        // A search for the same device ended this one: its answer brings the same records to the log view.
        if (!gone && error.code !== 'CANCELLED') setFailed(error)
      },
    )
    return () => {
      gone = true
    }
  }, [udn, through])
  const block = checkBlock(device)
  const error = failed ?? fetching.error ?? writing.error
  return (
    <>
      <div className={css.actions}>
        <Button
          small
          needs="log.fetch"
          busy={fetching.busy}
          reason={block && t(`diagnostics.wizard.block.${block}`)}
          onClick={() => void fetching.run(udn)}
          data-testid="drawer-fetch"
        >
          {t('diagnostics.drawer.fetch')}
        </Button>
        <Button small onClick={() => showLogOf(udn)} data-testid="drawer-log-open">
          {t('diagnostics.drawer.openLog')}
        </Button>
        <Button
          small
          needs="log.exportOnDevice"
          busy={writing.busy}
          reason={block && t(`diagnostics.wizard.block.${block}`)}
          onClick={() => void writing.run(udn)}
          data-testid="drawer-log-write"
        >
          {t('diagnostics.drawer.write')}
        </Button>
      </div>
      {error && <ErrorBox error={error} subject={labelOf(device)} />}
      {written && (
        <p role="status" className="select-text">
          {t('diagnostics.drawer.wrote', { count: written.written, file: written.file })}
        </p>
      )}
      <p className="mute tnum">
        {stand ? t('diagnostics.log.storedHere', { count: stand.stored }) : t('diagnostics.log.notFetched')}
        {stand && stand.lost > 0 && ` · ${t('diagnostics.log.lost', { count: stand.lost })}`}
      </p>
      {records.length === 0 ? (
        <p className="mute">{t('diagnostics.drawer.noLog')}</p>
      ) : (
        <ul className={css.list}>
          {records.map((record) => (
            <li key={record.position} className={css.item}>
              <div className={css.itemHead}>
                <SeverityWord severity={record.severity} />
                <Ago atMs={record.timeMs} className="mute" />
              </div>
              <span className="select-text">{record.message}</span>
              <span className="mono mute">
                {record.component} · {record.code}
              </span>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
