import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { FirmwareBundle } from '../../../electron/contract/firmware'
import { pathOf } from '../../bridge'
import { Announcer } from '../../components/Announcer'
import { Button } from '../../components/Button'
import { DropZone } from '../../components/DropZone'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { addBundle } from '../../stores/firmware'
import css from './Firmware.module.css'

/** Drop or choose a bundle; it is checked whole before it is in the library. */
export const AddBundle = ({ onAdded }: { readonly onAdded?: (bundle: FirmwareBundle) => void }) => {
  const { t } = useTranslation()
  const [name, setName] = useState<string>()
  const [added, setAdded] = useState<FirmwareBundle>()
  const add = useAction(async (path?: string) => {
    setAdded(undefined)
    const bundle = await addBundle(path)
    setAdded(bundle)
    if (bundle) onAdded?.(bundle)
  })
  const news = add.busy
    ? t('firmware.add.checking', { name: name ?? t('firmware.add.file') })
    : added
      ? t('firmware.add.added', { version: added.manifest.version, model: added.manifest.model })
      : ''
  return (
    <div className={css.add}>
      <DropZone
        label={t('firmware.add.label')}
        onFile={(file) => {
          setName(file.name)
          void add.run(pathOf(file))
        }}
        testid="firmware-drop"
      >
        <span className={css.dropText}>
          <span className="strong">{t('firmware.add.drop')}</span>
          <span className="mute">{news || t('firmware.add.hint')}</span>
        </span>
        <Button
          busy={add.busy}
          onClick={() => {
            setName(undefined)
            void add.run()
          }}
          needs="firmware.add"
          data-testid="firmware-choose"
        >
          {t('firmware.add.choose')}
        </Button>
      </DropZone>
      <Announcer text={news} everyMs={500} />
      {add.error && (
        <div data-testid="bundle-problem" data-code={add.error.code}>
          <ErrorBox error={add.error} subject={name ?? add.error.subject ?? t('firmware.add.file')} />
        </div>
      )}
    </div>
  )
}
