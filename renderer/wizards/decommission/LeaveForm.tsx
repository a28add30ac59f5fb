import { Checkbox, NativeSelect, Textarea } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { LEAVE_REASON_NAMES } from '../../../electron/contract/decommission'
import { Allowed } from '../../components/Allowed'
import { Panel } from '../../components/Panel'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { useSession } from '../../stores/session'
import css from '../firmware/Wizard.module.css'
import { look, setLeaving, useLeaving } from './store'

/** Why they leave, a note for the record, and whether they may ever come back. */
export const LeaveForm = ({ many }: { readonly many: boolean }) => {
  const { t } = useTranslation()
  const reason = useLeaving((leaving) => leaving.reason)
  const note = useLeaving((leaving) => leaving.note)
  const keepOut = useLeaving((leaving) => leaving.keepOut)
  const readmit = useSession(({ settings }) => settings?.policy.readmit !== false)
  const asking = useAction(look)
  return (
    <Panel className={css.panel} label={t(many ? 'endOfLife.form.titleMany' : 'endOfLife.form.title')}>
      <div className={css.scroll}>
        <Allowed needs="decommission.start">
          <div className={css.form}>
            <h2>{t(many ? 'endOfLife.form.titleMany' : 'endOfLife.form.title')}</h2>
            <NativeSelect
              label={t('endOfLife.form.reason')}
              value={reason}
              data={LEAVE_REASON_NAMES.map((one) => ({ value: one, label: t(`endOfLife.reason.${one}`) }))}
              onChange={({ currentTarget: { value } }) =>
                setLeaving({ reason: LEAVE_REASON_NAMES.find((one) => one === value) ?? 'retired' })
              }
              data-testid="decommission-reason"
            />
            <Textarea
              label={t('endOfLife.form.note')}
              description={t('endOfLife.form.noteHint')}
              value={note}
              maxLength={400}
              rows={3}
              onChange={(event) => setLeaving({ note: event.currentTarget.value })}
              data-testid="decommission-note"
            />
            <Checkbox
              label={<span className="strong">{t('endOfLife.form.identity')}</span>}
              description={t(keepOut ? 'endOfLife.form.identityOn' : 'endOfLife.form.identityOff')}
              checked={keepOut}
              onChange={(event) => void asking.run(event.currentTarget.checked)}
              data-testid="decommission-idevid"
            />
            {!keepOut && !readmit && <p className="mute">{t('endOfLife.form.readmitOff')}</p>}
            {asking.error && <ErrorBox error={asking.error} />}
          </div>
        </Allowed>
      </div>
    </Panel>
  )
}
