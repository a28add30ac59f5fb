import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { EventPayload } from '../../../electron/contract/ipc'
import { call, listen } from '../../bridge'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { labelOf } from '../../model/device-facts'
import { useDevices } from '../../stores/devices'

const SHOWN = 6

/** Asks before the program closes while jobs run, and says what happens to them. */
export const QuitGuard = () => {
  const { t } = useTranslation()
  const [jobs, setJobs] = useState<EventPayload<'app.quitAsked'>>()
  // While nothing is asked, changes of devices are none of its business.
  const byUdn = useDevices((list) => (jobs === undefined ? undefined : list.byUdn))
  useEffect(() => {
    try {
      return listen('app.quitAsked', setJobs)
    } catch {
      return undefined
    }
  }, [])
  const answer = (quit: boolean) => {
    setJobs(undefined)
    void call('app.quitAnswer', { quit })
  }
  const count = jobs?.length ?? 0
  return (
    <Dialog
      open={jobs !== undefined}
      onClose={() => answer(false)}
      title={t('shell.quit.title')}
      testid="quit-guard"
      actions={
        <>
          <Button onClick={() => answer(true)} data-testid="quit-yes">
            {t('shell.quit.quit')}
          </Button>
          <Button kind="primary" onClick={() => answer(false)} data-testid="quit-no" data-autofocus>
            {t('shell.quit.stay')}
          </Button>
        </>
      }
    >
      <p>{t('shell.quit.text', { count })}</p>
      <ul>
        {jobs?.slice(0, SHOWN).map((job) => (
          <li key={job.id}>
            {t(`jobs.kind.${job.kind}`)}
            {job.subject !== '' && (
              <>
                {' · '}
                <span className="strong">{labelOf(byUdn?.get(job.subject), job.subject)}</span>
              </>
            )}
          </li>
        ))}
        {count > SHOWN && <li className="mute">{t('shell.quit.more', { count: count - SHOWN })}</li>}
      </ul>
      <p>{t('shell.quit.safe')}</p>
    </Dialog>
  )
}
