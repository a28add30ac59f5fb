import { useTranslation } from 'react-i18next'
import type { FirmwareLibrary } from '../../../electron/contract/firmware'
import { Panel } from '../../components/Panel'
import { AddBundle } from './AddBundle'
import { BundleCard } from './BundleCard'
import css from './Firmware.module.css'
import { useBytes } from './use-texts'

const Storage = ({ library }: { readonly library: FirmwareLibrary }) => {
  const { t } = useTranslation()
  const bytes = useBytes()
  const { usedBytes, freeBytes } = library
  const all = Math.max(1, usedBytes + freeBytes)
  const text = t('firmware.storage', { used: bytes(usedBytes), free: bytes(freeBytes) })
  return (
    <div className={css.storage}>
      {/* biome-ignore lint/a11y/useSemanticElements: <meter> can't be drawn in the theme's colours */}
      <div
        className={css.meter}
        role="meter"
        aria-label={t('firmware.storageLabel')}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round((usedBytes / all) * 100)}
        aria-valuetext={text}
      >
        <div className={css.meterBar} style={{ transform: `scaleX(${usedBytes / all})` }} />
      </div>
      <span className="mute">{text}</span>
    </div>
  )
}

/** Every bundle on this laptop, newest first, and the place to drop another. */
export const Library = ({ library }: { readonly library: FirmwareLibrary }) => {
  const { t } = useTranslation()
  const bundles = [...library.bundles].sort((a, b) => b.addedAtMs - a.addedAtMs)
  return (
    <Panel className={css.column} label={t('firmware.library')} testid="firmware-library">
      <div className={css.columnHead}>
        <h2>{t('firmware.library')}</h2>
        <Storage library={library} />
      </div>
      <div className={css.columnBody}>
        <AddBundle />
        {bundles.length === 0 ? (
          <div className={css.teach}>
            <h3>{t('firmware.empty.title')}</h3>
            <p>{t('firmware.empty.text')}</p>
            <p className="mute">{t('firmware.empty.make')}</p>
            <p className="mono select-text">iotmc firmware pack</p>
          </div>
        ) : (
          <ul className={css.bundles}>
            {bundles.map((bundle) => (
              <BundleCard key={bundle.id} bundle={bundle} />
            ))}
          </ul>
        )}
      </div>
    </Panel>
  )
}
