import { useTranslation } from 'react-i18next'
import { CERTIFICATE_PARTS, type DecommissionView } from '../../../electron/contract/decommission'
import { Button } from '../../components/Button'
import { ErrorBox } from '../../components/StateBox'
import { useSave } from '../../components/use-save'
import { saveCertificate } from '../../stores/decommission'
import css from './Decommissioned.module.css'

/** The certificate of decommissioning as PDF, JSON, or all that is needed to check it in one ZIP. */
export const SaveCertificate = ({ record }: { readonly record: DecommissionView }) => {
  const { t } = useTranslation()
  const save = useSave(saveCertificate)
  const { id, name, udn } = record
  return (
    <div className={css.saving}>
      <span className={css.save}>
        {CERTIFICATE_PARTS.map((part) => (
          <Button
            key={part}
            small
            busy={save.busy}
            needs="decommission.save"
            aria-label={t('endOfLife.records.saveAs', { name, part: part.toUpperCase() })}
            onClick={() => void save.run(id, part)}
            data-testid={`decommissioned-save-${part}-${udn}`}
          >
            {part.toUpperCase()}
          </Button>
        ))}
      </span>
      {save.saved && <p role="status">{save.saved}</p>}
      {save.error && <ErrorBox error={save.error} subject={name} />}
    </div>
  )
}
