import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { FirmwareBundle } from '../../../electron/contract/firmware'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { isOver } from '../../model/firmware-waves'
import { removeBundle, useFirmware } from '../../stores/firmware'
import { beginRollout } from '../../wizards/firmware/store'
import { SignerPill, useBundleLine } from './BundleFacts'
import css from './Firmware.module.css'

/** One bundle: what it is, who signed it, what it says of itself, and what can be done with it. */
export const BundleCard = ({ bundle }: { readonly bundle: FirmwareBundle }) => {
  const { t } = useTranslation()
  const line = useBundleLine()
  const inUse = useFirmware((mirror) =>
    mirror.rollouts.some((rollout) => rollout.bundleId === bundle.id && !isOver(rollout)),
  )
  const [removing, setRemoving] = useState(false)
  const remove = useAction(removeBundle)
  const { manifest, problem } = bundle
  const short = bundle.id.slice(0, 8)
  const name = t('firmware.name', { version: manifest.version, model: manifest.model })
  return (
    <li className={css.bundle} data-testid={`bundle-${short}`}>
      <div className={css.bundleHead}>
        <h3 className={css.bundleName}>
          <span className="mono">{manifest.version}</span> {t('firmware.for', { model: manifest.model })}
        </h3>
        <SignerPill bundle={bundle} />
      </div>
      <p className="mute">{line(bundle)}</p>
      {manifest.notes.trim() !== '' && (
        <p className={css.notes} title={manifest.notes}>
          {manifest.notes}
        </p>
      )}
      {problem && (
        <div data-testid="bundle-problem" data-code={problem.code}>
          <ErrorBox error={problem} subject={name} alert={false} />
        </div>
      )}
      {remove.error && <ErrorBox error={remove.error} subject={name} />}
      <div className={css.bundleActions}>
        <Button
          small
          kind={problem ? 'plain' : 'primary'}
          reason={problem ? t('firmware.reason.problem') : undefined}
          onClick={() => beginRollout(bundle.id)}
          needs="firmware.start"
          data-testid="firmware-begin"
        >
          {t('firmware.begin')}
        </Button>
        <Button
          small
          reason={inUse ? t('firmware.reason.inUse') : undefined}
          busy={remove.busy}
          onClick={() => setRemoving(true)}
          needs="firmware.remove"
          data-testid={`bundle-remove-${short}`}
        >
          {t('firmware.remove')}
        </Button>
      </div>
      <Dialog
        open={removing}
        onClose={() => setRemoving(false)}
        title={t('firmware.removeTitle', { name })}
        testid="bundle-remove-dialog"
        actions={
          <>
            <Button onClick={() => setRemoving(false)}>{t('shell.back')}</Button>
            <Button
              kind="danger"
              onClick={() => {
                setRemoving(false)
                void remove.run(bundle.id)
              }}
              needs="firmware.remove"
              data-testid="bundle-remove-yes"
            >
              {t('firmware.remove')}
            </Button>
          </>
        }
      >
        <p>{t('firmware.removeText')}</p>
      </Dialog>
    </li>
  )
}
