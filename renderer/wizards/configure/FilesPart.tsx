import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ConfigurationFormat } from '../../../electron/contract/configuration'
import { CallError } from '../../bridge'
import { Button } from '../../components/Button'
import { FileButton } from '../../components/FileButton'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { useMay } from '../../components/use-may'
import { IMPORT_MAX_CHARS } from '../../model/configuration'
import { exportFile, importFile } from '../../stores/configuration'
import { useDevices } from '../../stores/devices'
import css from './Configure.module.css'
import { showPlan } from './store'

/** Configurations as files: out for the chosen devices, in as a preview. */
export const FilesPart = ({ udns }: { readonly udns: readonly string[] }) => {
  const { t } = useTranslation()
  const [saved, setSaved] = useState<string>()
  const [reading, setReading] = useState<string>()
  const offline = useDevices((list) => udns.filter((udn) => !list.byUdn.get(udn)?.online).length)
  const mayImport = useMay('configuration.import')
  const mayExport = useMay('configuration.export')
  const out = useAction(async (format: ConfigurationFormat) => {
    setSaved(undefined)
    setSaved(await exportFile(udns, format))
  })
  const take = useAction(async (file: File) => {
    setReading(file.name)
    try {
      if (file.size > IMPORT_MAX_CHARS * 3)
        throw new CallError({
          code: 'FILE_INVALID',
          subject: file.name,
          detail: t('configuration.files.tooLarge'),
        })
      const text = await file.text()
      showPlan((await importFile(/\.ya?ml$/i.test(file.name) ? 'yaml' : 'csv', text)).id)
    } finally {
      setReading(undefined)
    }
  })
  const reason = udns.length === 0 ? t('configuration.devices.none') : mayExport.reason
  return (
    <>
      <div className={css.sideHead}>
        <h2>{t('configuration.files.title')}</h2>
      </div>
      <div className={css.sideBody}>
        <p className="mute">{t('configuration.files.hint')}</p>
        <div className={css.buttons}>
          <Button
            small
            busy={out.busy}
            reason={reason}
            onClick={() => void out.run('csv')}
            data-testid="configure-export-csv"
          >
            {t('configuration.files.exportCsv')}
          </Button>
          <Button
            small
            busy={out.busy}
            reason={reason && ''}
            onClick={() => void out.run('yaml')}
            data-testid="configure-export-yaml"
          >
            {t('configuration.files.exportYaml')}
          </Button>
          {mayImport.may ? (
            <FileButton
              small
              accept=".csv,.yaml,.yml"
              onFile={(file) => void take.run(file)}
              testid="configure-import"
            >
              {t('configuration.files.import')}
            </FileButton>
          ) : (
            <Button small reason={mayImport.reason}>
              {t('configuration.files.import')}
            </Button>
          )}
        </div>
        {udns.length > 0 && offline > 0 && (
          <p className="mute">{t('configuration.files.offline', { count: offline })}</p>
        )}
        <div aria-live="polite">
          {reading && <p className="mute">{t('configuration.files.reading', { name: reading })}</p>}
          {saved !== undefined && <p>{t('configuration.files.saved', { path: saved })}</p>}
        </div>
        {out.error && <ErrorBox error={out.error} />}
        {take.error && <ErrorBox error={take.error} subject={reading} />}
      </div>
    </>
  )
}
