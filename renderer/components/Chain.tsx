import { Fragment } from 'react'
import { useTranslation } from 'react-i18next'
import type { CertificateSummary, IdentityCheck } from '../../electron/contract/identity'
import { useLanguage } from '../i18n'
import { commonName } from '../model/names'
import { isoDate } from '../model/time'
import css from './Chain.module.css'
import { Sign } from './Sign'

/** Certificates that never end (802.1AR: 99991231235959Z). */
const endless = (notAfter: string): boolean => notAfter.startsWith('9999')

/** The certificate chain drawn as boxes from the root to the device. */
export const Chain = ({ check }: { readonly check: IdentityCheck }) => {
  const { t } = useTranslation()
  const language = useLanguage()
  const last = check.chain.length - 1
  const kindOf = (index: number) =>
    index === last
      ? t(check.kind === 'LDevID' ? 'identity.operational' : 'identity.factoryIdentity')
      : index === 0
        ? t(check.kind === 'LDevID' ? 'identity.siteAuthority' : 'identity.factoryRoot')
        : t('identity.intermediate')
  const untrustedRoot = !check.trusted && (check.code ?? 'IDENTITY_NOT_TRUSTED') === 'IDENTITY_NOT_TRUSTED'
  const isBad = (index: number) => !check.trusted && (index === last || (index === 0 && untrustedRoot))
  const factOf = (certificate: CertificateSummary, index: number) => {
    if (index === 0 && last > 0) return t(untrustedRoot ? 'identity.notTrustedHere' : 'identity.trustedHere')
    if (isBad(index) && check.code !== 'IDENTITY_EXPIRED') return t('identity.notTrustedHere')
    return endless(certificate.notAfter)
      ? t('identity.noEnd')
      : t('identity.until', { date: isoDate(certificate.notAfter) })
  }
  if (check.chain.length === 0) return <p className="mute">{t('identity.noChain')}</p>
  return (
    <ol className={css.chain} aria-label={t('identity.chain')} lang={language}>
      {check.chain.map((certificate, index) => {
        const bad = isBad(index)
        return (
          <Fragment key={certificate.fingerprint}>
            {index > 0 && (
              <li aria-hidden="true" className={css.arrow}>
                →
              </li>
            )}
            <li className={`${css.box} ${bad ? css.bad : ''}`}>
              <span className="mute">{kindOf(index)}</span>
              <span className={`strong ${css.name}`} title={certificate.subject}>
                {index === last
                  ? (certificate.deviceSerial ?? commonName(certificate.subject))
                  : commonName(certificate.subject)}
              </span>
              <span className={`mono ${bad ? css.factBad : css.fact}`}>
                <Sign name={bad ? 'cross' : 'check'} size={11} /> {factOf(certificate, index)}
              </span>
            </li>
          </Fragment>
        )
      })}
    </ol>
  )
}

/** A fingerprint in groups of four bytes, to be compared with a label. Selecting it copies it without the gaps. */
export const Fingerprint = ({ value }: { readonly value: string }) => {
  const groups = value.match(/(?:[^:]+:?){1,4}/g) ?? [value]
  return (
    <span className={`mono ${css.fingerprint}`}>
      {groups.map((group, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts of one constant text
        <span key={index}>{group}</span>
      ))}
    </span>
  )
}
