import { useTranslation } from 'react-i18next'
import { Button } from './Button'
import css from './CopyLine.module.css'
import { useCopy } from './use-copy'

/** A line to be typed elsewhere, with a button that copies it. */
export const CopyLine = ({ text }: { readonly text: string }) => {
  const { t } = useTranslation()
  const { copy, copied } = useCopy()
  return (
    <div className={css.line}>
      <code className={css.code}>{text}</code>
      <Button small onClick={() => copy(text)}>
        {t(copied ? 'shell.copied' : 'shell.copy')}
      </Button>
    </div>
  )
}
