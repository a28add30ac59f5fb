import { useTranslation } from 'react-i18next'
import type { FirmwareBundle } from '../../../electron/contract/firmware'
import { Button } from '../../components/Button'
import { Facts, Panel } from '../../components/Panel'
import { Sign } from '../../components/Sign'
import { ErrorBox } from '../../components/StateBox'
import { spanText } from '../../model/firmware-figures'
import { commonName } from '../../model/names'
import { isoDate } from '../../model/time'
import { AddBundle } from '../../screens/firmware/AddBundle'
import { SignerPill } from '../../screens/firmware/BundleFacts'
import { useBytes } from '../../screens/firmware/use-texts'
import { useFirmware } from '../../stores/firmware'
import { chooseBundle, showDevicesStep, showFirmware } from './store'
import css from './Wizard.module.css'

/** What was checked about a bundle, each with its sign. */
const Checked = ({ bundle }: { readonly bundle: FirmwareBundle }) => {
  const { t } = useTranslation()
  const bytes = useBytes()
  const { manifest, signer, problem } = bundle
  const checks = [
    t('rollout.bundle.check.signature'),
    t('rollout.bundle.check.signer', {
      name: commonName(signer.subject),
      root: signer.root ?? '—',
    }),
    t('rollout.bundle.check.image', { size: bytes(manifest.image.size) }),
    `${t('rollout.bundle.check.security', { version: manifest.securityVersion })} · ${t('rollout.bundle.check.securityHint')}`,
    t('rollout.bundle.check.fits', { model: manifest.model, list: manifest.hardwareRevisions.join(', ') }),
    t('rollout.bundle.check.probation', { time: spanText(manifest.probationHours * 3600) }),
  ]
  return (
    <div className={css.scroll}>
      <div className={css.titleRow}>
        <h2>{t('firmware.name', { version: manifest.version, model: manifest.model })}</h2>
        <SignerPill bundle={bundle} />
      </div>
      {problem ? (
        <ErrorBox error={problem} subject={manifest.version} alert={false} />
      ) : (
        <ul className={css.checks}>
          {checks.map((check) => (
            <li key={check}>
              <span className={css.good}>
                <Sign name="check" />
              </span>
              {check}
            </li>
          ))}
        </ul>
      )}
      <div>
        <h3>{t('rollout.bundle.notes')}</h3>
        <p className={css.notes}>{manifest.notes.trim() || t('rollout.bundle.noNotes')}</p>
      </div>
      <Facts
        rows={[
          [t('rollout.bundle.vendor'), manifest.vendor],
          [t('rollout.bundle.released'), isoDate(manifest.releaseDate)],
          [t('rollout.bundle.format'), t(`rollout.bundle.formats.${manifest.image.format}`)],
          [
            t('rollout.bundle.fingerprint'),
            <span key="print" className="mono select-text">
              {signer.fingerprint}
            </span>,
          ],
        ]}
      />
    </div>
  )
}

/** Which image: those of the library, one dropped in, and all that was checked about the chosen one. */
export const BundleStep = ({ bundle }: { readonly bundle: FirmwareBundle | undefined }) => {
  const { t } = useTranslation()
  const bundles = useFirmware((mirror) => mirror.library?.bundles) ?? []
  const sorted = [...bundles].sort((a, b) => b.addedAtMs - a.addedAtMs)
  const reason = bundle ? bundle.problem && t('rollout.bundle.problem') : t('rollout.bundle.none')
  return (
    <div className={css.split}>
      <Panel className={css.panel} label={t('rollout.steps.bundle')}>
        {bundle ? (
          <Checked bundle={bundle} />
        ) : (
          <div className={css.scroll}>
            <p className="mute">{t('rollout.bundle.hint')}</p>
            <AddBundle onAdded={(added) => chooseBundle(added.id)} />
          </div>
        )}
        <div className={css.foot}>
          <Button
            kind={reason ? 'plain' : 'primary'}
            reason={reason}
            onClick={showDevicesStep}
            data-testid="firmware-next"
          >
            {t('rollout.continue')}
          </Button>
          <Button onClick={showFirmware} data-testid="firmware-back">
            {t('shell.back')}
          </Button>
        </div>
      </Panel>
      <Panel className={css.panel} label={t('firmware.library')}>
        <div className={css.sideHead}>
          <h2>{t('firmware.library')}</h2>
        </div>
        <fieldset className={css.options} aria-label={t('rollout.bundle.choose')}>
          {sorted.map((one) => (
            <label key={one.id} className={css.option}>
              <input
                type="radio"
                name="bundle"
                className="radio"
                checked={one.id === bundle?.id}
                onChange={() => chooseBundle(one.id)}
                data-testid={`choose-bundle-${one.id.slice(0, 8)}`}
              />
              <span className={css.optionName}>
                <span>
                  <span className="mono strong">{one.manifest.version}</span>{' '}
                  <span className="strong">{t('firmware.for', { model: one.manifest.model })}</span>
                </span>
                <span className="mute">
                  {t('firmware.fact.released', { date: isoDate(one.manifest.releaseDate) })}
                  {one.problem && ` · ${t('firmware.signer.bad')}`}
                </span>
              </span>
            </label>
          ))}
        </fieldset>
        {bundle && (
          <div className={css.sideFoot}>
            <AddBundle onAdded={(added) => chooseBundle(added.id)} />
          </div>
        )}
      </Panel>
    </div>
  )
}
