import { useTranslation } from 'react-i18next'
import { Ago } from '../../components/Ago'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { ErrorBox, StateBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { labelOf } from '../../model/device-facts'
import { useDevices } from '../../stores/devices'
import { fetchLogs, useLog } from '../../stores/log'
import css from './Diagnostics.module.css'

const SHOWN = 6

/** Asks before logs are fetched, and says exactly what would be cleared on the devices. */
export const FetchDialog = ({
  udns,
  clear,
  onClose,
}: {
  readonly udns: readonly string[]
  readonly clear: boolean
  readonly onClose: () => void
}) => {
  const { t } = useTranslation()
  const byUdn = useDevices((list) => list.byUdn)
  const stands = useLog((log) => log.stands)
  const go = useAction(async () => {
    await fetchLogs(udns, clear)
    onClose()
  })
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('diagnostics.log.fetchTitle', { count: udns.length })}
      testid="fetch-dialog"
      actions={
        <>
          <Button onClick={onClose}>{t('jobs.cancel')}</Button>
          <Button
            kind="primary"
            needs="log.fetch"
            busy={go.busy}
            onClick={() => void go.run()}
            data-testid="fetch-yes"
            data-autofocus
          >
            {t(clear ? 'diagnostics.log.fetchClearYes' : 'diagnostics.log.fetchYes')}
          </Button>
        </>
      }
    >
      <p>{t('diagnostics.log.fetchText')}</p>
      {clear && (
        <StateBox
          tone="warn"
          what={t('diagnostics.log.clearWhat')}
          state={t('diagnostics.log.clearText')}
          next={t('diagnostics.log.clearStays')}
        />
      )}
      <ul className={css.dialogList}>
        {udns.slice(0, SHOWN).map((udn) => {
          const stand = stands.get(udn)
          return (
            <li key={udn}>
              <span className="strong">{labelOf(byUdn.get(udn), udn)}</span>
              <span className="mute tnum">
                {stand
                  ? t('diagnostics.log.storedHere', { count: stand.stored })
                  : t('diagnostics.log.notFetched')}
                {stand?.fetchedAtMs !== undefined && (
                  <>
                    {' · '}
                    {t('diagnostics.log.fetched')} <Ago atMs={stand.fetchedAtMs} />
                  </>
                )}
              </span>
            </li>
          )
        })}
        {udns.length > SHOWN && (
          <li className="mute">{t('shell.quit.more', { count: udns.length - SHOWN })}</li>
        )}
      </ul>
      {go.error && <ErrorBox error={go.error} />}
    </Dialog>
  )
}
