import { Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { closePhrase, type DecommissionView, isPhrase } from '../../../electron/contract/decommission'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { closeDecommission } from '../../stores/decommission'
import css from './Decommissioned.module.css'

/** Closing a decommissioning that can never be proven: why, and words typed by hand. */
export const CloseDialog = ({
  record,
  onClose,
}: {
  readonly record: DecommissionView
  readonly onClose: () => void
}) => {
  const { t } = useTranslation()
  const { id, name } = record
  const [note, setNote] = useState('')
  const [typed, setTyped] = useState('')
  const phrase = closePhrase(record)
  const right = isPhrase(typed, phrase)
  const said = note.trim() !== ''
  const close = useAction(async () => {
    await closeDecommission(id, note.trim(), typed)
    onClose()
  })
  const missing = said ? t('endOfLife.confirm.notYet') : t('endOfLife.records.closeDialog.noteFirst')
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('endOfLife.records.closeDialog.title', { name })}
      size={520}
      testid="close-dialog"
      actions={
        <>
          <Button onClick={onClose}>{t('shell.back')}</Button>
          <Button
            kind={right && said ? 'danger' : 'plain'}
            busy={close.busy}
            reason={right && said ? undefined : missing}
            onClick={() => void close.run()}
            needs="decommission.close"
            data-testid="close-yes"
          >
            {t('endOfLife.records.closeDialog.yes')}
          </Button>
        </>
      }
    >
      <div className={css.dialog}>
        <p>{t('endOfLife.records.closeDialog.what')}</p>
        <Textarea
          label={t('endOfLife.records.closeDialog.note')}
          value={note}
          maxLength={400}
          data-autofocus
          onChange={(event) => setNote(event.currentTarget.value)}
          data-testid="close-note"
        />
        <div>
          <p className="mute">{t('endOfLife.records.closeDialog.type')}</p>
          <p className={css.phrase}>{phrase}</p>
        </div>
        <TextInput
          label={t('endOfLife.certificates.dialog.field')}
          value={typed}
          maxLength={120}
          autoComplete="off"
          spellCheck={false}
          classNames={{ input: 'mono' }}
          onChange={(event) => setTyped(event.currentTarget.value)}
          data-testid="close-phrase"
        />
        {close.error && <ErrorBox error={close.error} subject={name} />}
      </div>
    </Dialog>
  )
}
