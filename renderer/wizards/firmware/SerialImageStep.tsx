import { useTranslation } from 'react-i18next'
import { Button } from '../../components/Button'
import { Panel } from '../../components/Panel'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { imageBlock, imageProblem, type SerialAt } from '../../model/firmware-serial'
import { AddBundle } from '../../screens/firmware/AddBundle'
import { useBytes } from '../../screens/firmware/use-texts'
import { useFirmware } from '../../stores/firmware'
import { SerialFound } from './SerialFound'
import { backToPort, setChoice, startSerial, useFirmwareWizard } from './store'
import css from './Wizard.module.css'

/** Which image, what is kept afterwards, and consent where there is no way back. */
export const SerialImageStep = ({ at }: { readonly at: Extract<SerialAt, { step: 'image' }> }) => {
  const { t } = useTranslation()
  const bytes = useBytes()
  const bundles = useFirmware((mirror) => mirror.library?.bundles) ?? []
  const choice = useFirmwareWizard((wizard) => wizard.choice)
  const start = useAction(startSerial)
  const { found } = at
  const judged = bundles.map((bundle) => ({ bundle, block: imageBlock(bundle, found) }))
  const sorted = judged.sort(
    (a, b) =>
      Number(a.block !== undefined) - Number(b.block !== undefined) ||
      b.bundle.addedAtMs - a.bundle.addedAtMs,
  )
  const usable = judged.some(({ bundle, block }) => bundle.id === choice.bundleId && block === undefined)
  const problem = imageProblem(usable ? choice : { ...choice, bundleId: '' }, found)
  return (
    <div className={css.split}>
      <Panel className={css.panel} label={t('rollout.serial.steps.image')}>
        <div className={css.scroll}>
          <h2>{t('rollout.serial.image')}</h2>
          <p className="mute">
            {t(bundles.length === 0 ? 'rollout.serial.noBundlesText' : 'rollout.serial.imageHint')}
          </p>
          <fieldset className={css.options} aria-label={t('rollout.serial.image')}>
            {sorted.map(({ bundle, block }) => (
              <label key={bundle.id} className={css.option} data-unable={block !== undefined || undefined}>
                <input
                  type="radio"
                  name="image"
                  className="radio"
                  disabled={block !== undefined}
                  checked={usable && bundle.id === choice.bundleId}
                  onChange={() => setChoice({ bundleId: bundle.id })}
                  data-testid={`serial-bundle-${bundle.id.slice(0, 8)}`}
                />
                <span className={css.optionName}>
                  <span>
                    <span className="mono strong">{bundle.manifest.version}</span>{' '}
                    <span className="strong">{t('firmware.for', { model: bundle.manifest.model })}</span>
                  </span>
                  <span className="mute">
                    {block ? t(`rollout.serial.block.${block}`) : bytes(bundle.manifest.image.size)}
                  </span>
                </span>
              </label>
            ))}
          </fieldset>
          {bundles.length === 0 && <AddBundle onAdded={(added) => setChoice({ bundleId: added.id })} />}
          <h2>{t('rollout.serial.after')}</h2>
          {found.rollback ? (
            <fieldset className={css.options} aria-label={t('rollout.serial.after')}>
              {(['trial', 'keep'] as const).map((how) => (
                <label key={how} className={css.option}>
                  <input
                    type="radio"
                    name="after"
                    className="radio"
                    checked={choice.confirm === (how === 'keep')}
                    onChange={() => setChoice({ confirm: how === 'keep' })}
                    data-testid={`firmware-serial-${how}`}
                  />
                  <span className={css.optionName}>
                    <span className="strong">{t(`rollout.serial.${how}`)}</span>
                    <span className="mute">{t(`rollout.serial.${how}Hint`)}</span>
                  </span>
                </label>
              ))}
            </fieldset>
          ) : (
            <div className={css.consent}>
              <p>{t('rollout.serial.noTrial')}</p>
              <label className={css.radioLine}>
                <input
                  type="checkbox"
                  className="box"
                  checked={choice.consent}
                  onChange={(event) => setChoice({ consent: event.currentTarget.checked })}
                  data-testid="firmware-serial-consent"
                />
                <span className="strong">{t('rollout.serial.consent')}</span>
              </label>
            </div>
          )}
          <p className="mute">{t('rollout.serial.notVerified')}</p>
          {start.error && <ErrorBox error={start.error} subject={at.path} />}
        </div>
        <div className={css.foot}>
          <Button
            kind={problem ? 'plain' : 'primary'}
            busy={start.busy}
            reason={problem && t(`rollout.serial.problem.${problem}`)}
            onClick={() => void start.run()}
            needs="firmware.updateSerial"
            data-testid="firmware-serial-start"
          >
            {t('rollout.serial.start')}
          </Button>
          <Button onClick={backToPort} data-testid="firmware-back">
            {t('shell.back')}
          </Button>
        </div>
      </Panel>
      <Panel className={css.panel} label={t('rollout.serial.found')}>
        <div className={css.scroll}>
          <SerialFound found={found} />
        </div>
      </Panel>
    </div>
  )
}
