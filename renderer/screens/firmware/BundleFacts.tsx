import { useTranslation } from 'react-i18next'
import type { FirmwareBundle } from '../../../electron/contract/firmware'
import { Pill } from '../../components/Pill'
import { commonName } from '../../model/names'
import { isoDate } from '../../model/time'
import { useBytes } from './use-texts'

/** Who signed it and whether that still holds. */
export const SignerPill = ({ bundle }: { readonly bundle: FirmwareBundle }) => {
  const { t } = useTranslation()
  const name = commonName(bundle.signer.subject)
  return bundle.problem ? (
    <Pill tone="bad">{t('firmware.signer.bad')}</Pill>
  ) : (
    <span title={t('firmware.signer.until', { name, date: isoDate(bundle.signer.notAfter) })}>
      <Pill tone="ok">{t('firmware.signer.good', { name })}</Pill>
    </span>
  )
}

/** "PX-200 · revisions A, B · security version 7 · 8.4 MB · released 2026-11-01". */
export const useBundleLine = () => {
  const { t } = useTranslation()
  const bytes = useBytes()
  return ({ manifest }: FirmwareBundle): string =>
    [
      t('firmware.fact.revisions', {
        count: manifest.hardwareRevisions.length,
        list: manifest.hardwareRevisions.join(', '),
      }),
      t('firmware.fact.security', { version: manifest.securityVersion }),
      bytes(manifest.image.size),
      t('firmware.fact.released', { date: isoDate(manifest.releaseDate) }),
    ].join(' · ')
}
