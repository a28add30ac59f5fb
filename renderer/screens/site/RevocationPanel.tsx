import { useTranslation } from 'react-i18next'
import type { RevocationListView } from '../../../electron/contract/decommission'
import { Ago } from '../../components/Ago'
import { Button } from '../../components/Button'
import { Facts, Panel } from '../../components/Panel'
import { Progress } from '../../components/Progress'
import { ScrollPart } from '../../components/ScrollPart'
import { ErrorBox } from '../../components/StateBox'
import { useSave } from '../../components/use-save'
import { useLanguage } from '../../i18n'
import { exactTime } from '../../model/time'
import { saveRevocationList } from '../../stores/revocation'
import { Serial } from '../../wizards/decommission/Serial'
import css from './Decommissioned.module.css'

const FORMATS = ['pem', 'der'] as const
/** As many blocked identities as are drawn; a site with more searches its records. */
const SHOWN = 100

const Spread = ({ spread: { has, of } }: { readonly spread: RevocationListView['spread'] }) => {
  const { t } = useTranslation()
  if (of === 0) return t('endOfLife.list.spreadNone')
  const text = t('endOfLife.list.spreadOf', { has, of })
  return (
    <div className={css.spread}>
      <span className="strong tnum" data-testid="crl-spread">
        {text}
      </span>
      <Progress value={has / of} label={text} />
      <span className="mute">{t(has === of ? 'endOfLife.list.spreadAll' : 'endOfLife.list.spreadSome')}</span>
    </div>
  )
}

/** The revocation list as it is published: its number, how far it has spread, and the identities kept out. */
export const RevocationPanel = ({ list }: { readonly list: RevocationListView }) => {
  const { t } = useTranslation()
  const language = useLanguage()
  const save = useSave(saveRevocationList)
  return (
    <Panel className={css.panel} label={t('endOfLife.list.title')} testid="revocation-list">
      <ScrollPart className={css.scroll} label={t('endOfLife.list.title')}>
        <div className={css.titleRow}>
          <h2>{t('endOfLife.list.title')}</h2>
          <span className={css.save}>
            {FORMATS.map((format) => (
              <Button
                key={format}
                small
                busy={save.busy}
                needs="revocation.save"
                aria-label={t('endOfLife.list.saveAs', { format: format.toUpperCase() })}
                onClick={() => void save.run(format)}
                data-testid={`crl-save-${format}`}
              >
                {format.toUpperCase()}
              </Button>
            ))}
          </span>
        </div>
        {save.saved && <p role="status">{save.saved}</p>}
        {save.error && <ErrorBox error={save.error} />}
        <Facts
          rows={[
            [
              t('endOfLife.list.number'),
              <span key="number" className="tnum" data-testid="crl-number">
                {list.number}
              </span>,
            ],
            [
              t('endOfLife.list.entries'),
              <span key="entries" className="tnum" data-testid="crl-entries">
                {list.entries.toLocaleString(language)}
              </span>,
            ],
            [t('endOfLife.list.issued'), <Ago key="issued" atMs={Date.parse(list.thisUpdate)} />],
            [t('endOfLife.list.next'), exactTime(Date.parse(list.nextUpdate), language)],
            [t('endOfLife.list.size'), t('endOfLife.list.bytes', { bytes: list.bytes })],
            [
              t('endOfLife.list.hash'),
              <span key="hash" className={`mono select-text ${css.hash}`}>
                {list.sha256}
              </span>,
            ],
            [t('endOfLife.list.spread'), <Spread key="spread" spread={list.spread} />],
          ]}
        />
        <section className={css.blocked}>
          <h3>{t('endOfLife.list.blocked')}</h3>
          {list.blocked.length === 0 ? (
            <p className="mute">{t('endOfLife.list.blockedNone')}</p>
          ) : (
            <ul className={css.blocked} data-testid="crl-blocked">
              {list.blocked.slice(0, SHOWN).map(({ fingerprint, serialNumber, atMs }) => (
                <li key={fingerprint}>
                  <ul>
                    <Serial name={serialNumber} value={fingerprint} />
                  </ul>
                  <span className="mute">
                    {t('endOfLife.list.blockedSince')} <Ago atMs={atMs} />
                  </span>
                </li>
              ))}
            </ul>
          )}
        </section>
      </ScrollPart>
    </Panel>
  )
}
