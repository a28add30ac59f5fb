import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { serialNumberSchema } from '../../../electron/contract/factory'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { type TakeOut, takeOut } from '../../stores/factory'

/** Withdraws a number or records a device as destroyed. Neither can be taken back, so the number is typed twice. */
export const TakeOutDialog = ({ how, onClose }: { readonly how: TakeOut; readonly onClose: () => void }) => {
  const { t } = useTranslation()
  const [serial, setSerial] = useState('')
  const [again, setAgain] = useState('')
  const [why, setWhy] = useState('')
  const number = serial.trim()
  const act = useAction(async () => {
    await takeOut(how, number, why.trim())
    onClose()
  })
  const reason = !serialNumberSchema.safeParse(number).success
    ? t('factory.numbers.numberNeeded')
    : why.trim() === ''
      ? t('factory.numbers.whyNeeded')
      : again.trim() !== number
        ? t('factory.numbers.confirmNeeded')
        : undefined
  return (
    <Dialog
      open
      onClose={onClose}
      title={t(`factory.numbers.${how}.title`)}
      testid="takeout-dialog"
      actions={
        <>
          <Button onClick={onClose}>{t('shell.back')}</Button>
          <Button
            kind="danger"
            busy={act.busy}
            reason={reason}
            onClick={() => void act.run()}
            needs="ledger.burn"
            data-testid="takeout-yes"
          >
            {t(`factory.numbers.${how}.yes`)}
          </Button>
        </>
      }
    >
      <p>{t(`factory.numbers.${how}.text`)}</p>
      <TextInput
        label={t('identity.serial')}
        value={serial}
        maxLength={40}
        spellCheck={false}
        classNames={{ input: 'mono' }}
        onChange={(event) => setSerial(event.currentTarget.value)}
        data-autofocus
        data-testid="takeout-serial"
      />
      <TextInput
        label={t('factory.numbers.why')}
        description={t('factory.numbers.whyHint')}
        value={why}
        maxLength={200}
        onChange={(event) => setWhy(event.currentTarget.value)}
        data-testid="takeout-reason"
      />
      <TextInput
        label={t('factory.numbers.confirm')}
        value={again}
        maxLength={40}
        spellCheck={false}
        classNames={{ input: 'mono' }}
        onChange={(event) => setAgain(event.currentTarget.value)}
        data-testid="takeout-confirm"
      />
      {act.error && <ErrorBox error={act.error} />}
    </Dialog>
  )
}
