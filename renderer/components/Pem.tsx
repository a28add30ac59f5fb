import { Textarea } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { saveText } from '../stores/factory'
import { Button } from './Button'
import { FileButton } from './FileButton'
import css from './Pem.module.css'
import { ErrorBox } from './StateBox'
import { useCopy } from './use-copy'
import { useSave } from './use-save'

/** Public PEM text to be carried elsewhere: shown, copied, saved. */
export const PemShown = ({
  label,
  pem,
  fileName,
  testid,
  rows = 6,
}: {
  readonly label: string
  readonly pem: string
  readonly fileName: string
  readonly testid: string
  readonly rows?: number
}) => {
  const { t } = useTranslation()
  const { copy, copied } = useCopy()
  const save = useSave(saveText)
  return (
    <div className={css.shown}>
      <Textarea
        label={label}
        value={pem}
        rows={rows}
        readOnly
        spellCheck={false}
        classNames={{ input: 'mono' }}
        data-testid={testid}
      />
      <div className={css.actions}>
        <Button small onClick={() => copy(pem)} data-testid={`${testid}-copy`}>
          {t(copied ? 'shell.copied' : 'shell.copy')}
        </Button>
        <Button
          small
          busy={save.busy}
          onClick={() => void save.run(fileName, pem)}
          data-testid={`${testid}-save`}
        >
          {t('factory.save')}
        </Button>
        {save.saved && (
          <span role="status" className={`mute ${css.saved}`}>
            {save.saved}
          </span>
        )}
      </div>
      {save.error && <ErrorBox error={save.error} />}
    </div>
  )
}

/** Pasted or opened PEM text. */
export const PemField = ({
  label,
  description,
  value,
  onChange,
  testid,
}: {
  readonly label: string
  readonly description?: string
  readonly value: string
  readonly onChange: (pem: string) => void
  readonly testid: string
}) => {
  const { t } = useTranslation()
  return (
    <div className={css.shown}>
      <Textarea
        label={label}
        {...(description ? { description } : {})}
        value={value}
        rows={7}
        maxLength={200_000}
        spellCheck={false}
        classNames={{ input: 'mono' }}
        onChange={(event) => onChange(event.currentTarget.value)}
        data-autofocus
        data-testid={testid}
      />
      <div className={css.actions}>
        <FileButton
          small
          accept=".pem,.csr,.crt,.cer,.txt"
          onFile={async (file) => onChange(await file.text())}
          testid={`${testid}-file`}
        >
          {t('factory.openFile')}
        </FileButton>
      </div>
    </div>
  )
}
