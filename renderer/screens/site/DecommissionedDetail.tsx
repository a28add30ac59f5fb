import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { DecommissionView } from '../../../electron/contract/decommission'
import { Ago } from '../../components/Ago'
import { Button } from '../../components/Button'
import { Facts, Panel } from '../../components/Panel'
import { Pill } from '../../components/Pill'
import { ScrollPart } from '../../components/ScrollPart'
import { Sign } from '../../components/Sign'
import { ErrorBox } from '../../components/StateBox'
import { useLanguage } from '../../i18n'
import { LEAVING_TONE } from '../../model/decommission'
import { bytesText } from '../../model/firmware-figures'
import { Serial } from '../../wizards/decommission/Serial'
import { showDecommission } from '../../wizards/decommission/store'
import { CloseDialog } from './CloseDialog'
import css from './Decommissioned.module.css'
import { SaveCertificate } from './SaveCertificate'

const Proof = ({ proof }: { readonly proof: NonNullable<DecommissionView['proof']> }) => {
  const { t } = useTranslation()
  const language = useLanguage()
  return (
    <>
      <p>
        <Sign name="check" size={11} /> {t('endOfLife.records.provenWith')} · <Ago atMs={proof.provenAtMs} />
      </p>
      {proof.items && (
        <ul className={css.plainList}>
          {proof.items.map(({ item, bytes }) => (
            <li key={item}>
              {t('endOfLife.records.bytes', {
                item: t(`endOfLife.item.${item}`),
                bytes: bytesText(bytes, language),
              })}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

/** Revoked, and no proof on record. */
const CLOSABLE: ReadonlySet<DecommissionView['state']> = new Set(['revoked', 'queued', 'wiped'])

/** One record: who ordered it and why, what was revoked, what the device removed and signed. */
export const DecommissionedDetail = ({ record }: { readonly record: DecommissionView }) => {
  const { t } = useTranslation()
  const dash = '—'
  const [closing, setClosing] = useState(false)
  return (
    <Panel className={css.panel} label={record.name} testid="decommissioned-detail">
      <ScrollPart className={css.scroll} label={record.name}>
        <div className={css.titleRow}>
          <h2>{record.name}</h2>
          <Pill tone={LEAVING_TONE[record.state]}>{t(`endOfLife.state.${record.state}`)}</Pill>
        </div>
        {record.error && record.state !== 'certified' && (
          <ErrorBox error={record.error} subject={record.name} alert={false} />
        )}
        {record.certificate ? (
          <SaveCertificate record={record} />
        ) : (
          <div>
            <Button small onClick={() => showDecommission([record.id])} data-testid="decommissioned-watch">
              {t('endOfLife.records.watch')}
            </Button>
            {CLOSABLE.has(record.state) && (
              <Button
                small
                needs="decommission.close"
                onClick={() => setClosing(true)}
                data-testid="decommissioned-close"
              >
                {t('endOfLife.records.close')}
              </Button>
            )}
          </div>
        )}
        {closing && <CloseDialog record={record} onClose={() => setClosing(false)} />}
        <Facts
          rows={[
            [
              t('endOfLife.records.fact.ordered'),
              <span key="when">
                <Ago atMs={record.orderedAtMs} /> · {record.orderedBy}
              </span>,
            ],
            [t('endOfLife.records.fact.reason'), t(`endOfLife.reason.${record.reason}`)],
            [t('endOfLife.records.fact.note'), record.note || dash],
            ...(record.closed
              ? [
                  [
                    t('endOfLife.records.closedFact'),
                    <span key="closed">
                      <Ago atMs={record.closed.atMs} /> · {record.closed.by} · {record.closed.note}
                    </span>,
                  ] as const,
                ]
              : []),
            [t('endOfLife.records.fact.place'), record.place ?? dash],
            [
              t('endOfLife.records.fact.revoked'),
              record.revoked.length === 0 ? (
                dash
              ) : (
                <ul key="revoked" className={css.plainList}>
                  {record.revoked.map(({ kind, serialNumber }) => (
                    <Serial key={`${kind} ${serialNumber}`} name={kind} value={serialNumber} />
                  ))}
                </ul>
              ),
            ],
            [
              t('endOfLife.records.fact.list'),
              record.crlNumber === undefined
                ? dash
                : t('endOfLife.records.number', { number: record.crlNumber }),
            ],
            [
              t('endOfLife.records.fact.proof'),
              record.proof ? <Proof key="proof" proof={record.proof} /> : t('endOfLife.records.noProof'),
            ],
            [
              t('endOfLife.records.fact.certificate'),
              record.certificate ? (
                <span key="certificate" className="mono" title={record.certificate.hash}>
                  {t('endOfLife.records.certificateNumber', {
                    sequence: record.certificate.sequence,
                    hash: record.certificate.hash.slice(0, 16),
                  })}
                </span>
              ) : (
                t('endOfLife.records.notYet')
              ),
            ],
          ]}
        />
      </ScrollPart>
    </Panel>
  )
}
