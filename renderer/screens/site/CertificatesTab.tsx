import { memo, useCallback, useDeferredValue, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { assertNever } from '../../../electron/contract/assert-never'
import type { IssuedCertificateView } from '../../../electron/contract/decommission'
import { asCallError, type CallError } from '../../bridge'
import { Button } from '../../components/Button'
import { Panel, Teach } from '../../components/Panel'
import { Pill } from '../../components/Pill'
import { ErrorBox } from '../../components/StateBox'
import { useMirror } from '../../components/use-mirror'
import { type TableColumn, VirtualTable } from '../../components/VirtualTable'
import { isoDate } from '../../model/time'
import { useClock } from '../../stores/clock'
import { issuedCertificates, MOST_CERTIFICATES, openRevocation, useRevocation } from '../../stores/revocation'
import css from './Decommissioned.module.css'
import { RevocationPanel } from './RevocationPanel'
import { RevokeDialog } from './RevokeDialog'

type Column = 'name' | 'kind' | 'serial' | 'until' | 'state' | 'act'

const COLUMNS: readonly TableColumn<Column>[] = [
  { key: 'name', min: 108, grow: 1.2, priority: 10 },
  { key: 'kind', min: 102, grow: 0.4, priority: 5 },
  { key: 'serial', min: 140, grow: 1.2, priority: 4 },
  { key: 'until', min: 108, grow: 0.2, priority: 3 },
  { key: 'state', min: 100, grow: 0.2, priority: 9 },
  { key: 'act', min: 206, grow: 0.1, priority: 11 },
]

const TYPING_MS = 200

/** Certificates that fit, asked for anew while typing and whenever the published list changes. */
const useCertificates = (search: string) => {
  const number = useRevocation(({ list }) => list?.number)
  const [found, setFound] = useState<readonly IssuedCertificateView[]>()
  const [error, setError] = useState<CallError>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list means other states
  useEffect(() => {
    let gone = false
    const timer = setTimeout(
      () =>
        issuedCertificates(search).then(
          (next) => {
            if (gone) return
            setFound(next)
            setError(undefined)
          },
          (thrown) => {
            if (!gone) setError(asCallError(thrown))
          },
        ),
      search === '' ? 0 : TYPING_MS,
    )
    return () => {
      gone = true
      clearTimeout(timer)
    }
  }, [search, number])
  return { found, error }
}

const StateOf = ({ row }: { readonly row: IssuedCertificateView }) => {
  const { t } = useTranslation()
  const expired = useClock(({ nowMs }) => Date.parse(row.notAfter) < nowMs)
  if (row.revoked)
    return (
      <span title={t(`endOfLife.certificates.reason.${row.revoked.reason}`)}>
        <Pill tone="bad">{t('endOfLife.certificates.revokedAt')}</Pill>
      </span>
    )
  return expired ? (
    <Pill tone="neutral" sign="dash">
      {t('endOfLife.certificates.expired')}
    </Pill>
  ) : (
    <Pill tone="ok">{t('endOfLife.certificates.valid')}</Pill>
  )
}

const makeCell = (onRevoke: (row: IssuedCertificateView) => void) =>
  memo(({ row, column }: { readonly row: IssuedCertificateView; readonly column: Column }) => {
    const { t } = useTranslation()
    switch (column) {
      case 'name':
        return <span className="strong">{row.name}</span>
      case 'kind':
        return row.own
          ? t('endOfLife.certificates.own')
          : row.role
            ? t(`endOfLife.certificates.role.${row.role}`)
            : t(`endOfLife.certificates.kind.${row.kind}`)
      case 'serial':
        return (
          <span className="mono" title={row.serialNumber}>
            {row.serialNumber.toUpperCase()}
          </span>
        )
      case 'until':
        return (
          <span className="tnum" title={row.notAfter}>
            {isoDate(row.notAfter)}
          </span>
        )
      case 'state':
        return <StateOf row={row} />
      case 'act':
        return (
          <Button
            small
            reason={
              row.own
                ? t('endOfLife.certificates.ownReason')
                : row.revoked && t('endOfLife.certificates.already')
            }
            aria-label={t('endOfLife.certificates.revokeOf', { serial: row.serialNumber, name: row.name })}
            onClick={() => onRevoke(row)}
            needs="revocation.revoke"
            data-testid={`certificate-revoke-${row.serialNumber}`}
          >
            {t('endOfLife.certificates.revoke')}
          </Button>
        )
      default:
        return assertNever(column)
    }
  })

const keyOf = ({ serialNumber }: IssuedCertificateView) => serialNumber
const rowTestid = ({ serialNumber }: IssuedCertificateView) => `certificate-row-${serialNumber}`
const stateOf = ({ revoked }: IssuedCertificateView) => (revoked ? 'revoked' : 'valid')

/** Every certificate that this site has issued, and the list of those that are worth nothing any more. */
export const CertificatesTab = () => {
  const { t } = useTranslation()
  const wrong = useMirror(openRevocation)
  const list = useRevocation((mirror) => mirror.list)
  const [typed, setTyped] = useState('')
  const search = useDeferredValue(typed)
  const { found, error } = useCertificates(search)
  const [revoking, setRevoking] = useState<IssuedCertificateView>()
  const [Cell] = useState(() => makeCell(setRevoking))
  const close = useCallback(() => setRevoking(undefined), [])
  if (wrong) return <ErrorBox error={wrong} />
  return (
    <div className={`${css.split} ${css.narrow}`}>
      <Panel className={css.panel} label={t('endOfLife.certificates.title')}>
        <div className={css.tools}>
          <input
            type="search"
            className={css.search}
            value={typed}
            maxLength={64}
            placeholder={t('endOfLife.certificates.search')}
            aria-label={t('endOfLife.certificates.search')}
            onChange={(event) => setTyped(event.currentTarget.value)}
            data-testid="certificate-search"
          />
          {found && found.length >= MOST_CERTIFICATES && (
            <span className={`mute ${css.end}`} role="status">
              {t('endOfLife.certificates.more', { count: found.length })}
            </span>
          )}
        </div>
        {error && <ErrorBox error={error} />}
        {found?.length === 0 && (
          <div className={css.scroll}>
            <Teach title={t(search ? 'endOfLife.certificates.noMatch' : 'endOfLife.certificates.empty')}>
              {!search && <p>{t('endOfLife.certificates.emptyText')}</p>}
            </Teach>
          </div>
        )}
        {found && found.length > 0 && (
          <VirtualTable
            rows={found}
            keyOf={keyOf}
            columns={COLUMNS}
            Cell={Cell}
            head={(column) => (
              <span>{column === 'act' ? '' : t(`endOfLife.certificates.column.${column}`)}</span>
            )}
            label={t('endOfLife.certificates.title')}
            testid="certificates-table"
            rowTestid={rowTestid}
            stateOf={stateOf}
          />
        )}
      </Panel>
      {list ? <RevocationPanel list={list} /> : <Panel className={css.panel}>{null}</Panel>}
      {revoking && <RevokeDialog key={revoking.serialNumber} certificate={revoking} onClose={close} />}
    </div>
  )
}
