import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { AuditCheck, AuditLine, AuditPage } from '../../../electron/contract/access'
import { asCallError, type CallError } from '../../bridge'
import { Button } from '../../components/Button'
import { Panel } from '../../components/Panel'
import { ErrorBox, StateBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { useSave } from '../../components/use-save'
import { VirtualTable } from '../../components/VirtualTable'
import { AUDIT_ACTIONS, auditTextKey, subjectFilter, withNewest } from '../../model/audit'
import { auditPage, exportAudit, verifyAudit } from '../../stores/accounts'
import { useDevices } from '../../stores/devices'
import { AUDIT_COLUMNS, AuditCell } from './AuditCell'
import css from './Site.module.css'

const PAGE = 200
const LOOK_AGAIN_MS = 5_000
const TYPING_MS = 250

interface Filter {
  readonly actor: string
  readonly action: string
  readonly subject: string
}
const EVERYTHING: Filter = { actor: '', action: '', subject: '' }

const queryOf = (filter: Filter) => ({
  limit: PAGE,
  ...(filter.actor.trim() ? { actor: filter.actor.trim() } : {}),
  ...(filter.action ? { action: filter.action } : {}),
  ...(filter.subject ? { subject: subjectFilter(filter.subject, useDevices.getState().byUdn.values()) } : {}),
})

/** The lines that fit, newest first; new ones appear by themselves, older ones on asking. */
const useLines = (filter: Filter) => {
  const [page, setPage] = useState<AuditPage>()
  const [error, setError] = useState<CallError>()
  const latest = useRef(filter)
  latest.current = filter
  useEffect(() => {
    let gone = false
    // Not one at a time: an answer to the filter before must not keep this one waiting.
    const ask = async (take: (next: AuditPage) => void) => {
      try {
        const next = await auditPage(queryOf(filter))
        if (gone) return
        take(next)
        setError(undefined)
      } catch (thrown) {
        if (!gone) setError(asCallError(thrown))
      }
    }
    const start = setTimeout(() => void ask(setPage), TYPING_MS)
    const again = setInterval(
      () => void ask((next) => setPage((now) => now && withNewest(now, next))),
      LOOK_AGAIN_MS,
    )
    return () => {
      gone = true
      clearTimeout(start)
      clearInterval(again)
    }
  }, [filter])
  const older = useAction(async () => {
    const beforeId = page?.lines.at(-1)?.id
    if (beforeId === undefined) return
    const next = await auditPage({ ...queryOf(filter), beforeId })
    // Another filter has other lines.
    if (latest.current !== filter) return
    setPage((now) =>
      now?.lines.at(-1)?.id === beforeId ? { lines: [...now.lines, ...next.lines], more: next.more } : now,
    )
  })
  return { ...page, error: error ?? older.error, older }
}

/** The result of a check, in plain words. */
const Verdict = ({ check }: { readonly check: AuditCheck }) => {
  const { t } = useTranslation()
  if (check.ok)
    return (
      <p className={css.auditOk} role="status" data-testid="audit-verdict" data-ok="true">
        {t('access.audit.ok', { count: check.lines })}
      </p>
    )
  const { reason = 'changed', firstWrong: line } = check
  const key = reason === 'changed' && line === undefined ? 'head' : reason
  return (
    <div data-testid="audit-verdict" data-ok="false">
      <StateBox
        tone="bad"
        alert
        what={t(`access.audit.wrong.${key}`, { line: line ?? 0 })}
        state=""
        next={t('access.audit.wrongNext')}
      />
    </div>
  )
}

/** Who did what to which device. */
export const AuditTab = () => {
  const { t } = useTranslation()
  const [filter, setFilter] = useState(EVERYTHING)
  const change = (part: Partial<Filter>) => setFilter((before) => ({ ...before, ...part }))
  const { lines = [], more, error, older } = useLines(filter)
  const [check, setCheck] = useState<AuditCheck>()
  const verify = useAction(async () => {
    setCheck(undefined)
    setCheck(await verifyAudit())
  })
  const save = useSave(exportAudit)
  const keyOf = useCallback((line: AuditLine) => String(line.id), [])
  const choices = useMemo(
    () =>
      AUDIT_ACTIONS.map((action) => ({
        action,
        text: t(`access.audit.action.${auditTextKey(action) ?? 'sign-in'}`),
      })).sort((a, b) => a.text.localeCompare(b.text)),
    [t],
  )
  const filtered = filter !== EVERYTHING && Object.values(filter).some((text) => text !== '')
  const wrong = error ?? verify.error ?? save.error
  return (
    <Panel className={css.wholePanel} label={t('access.audit.title')}>
      <div className={css.auditColumn}>
        <div className={css.auditHead}>
          <input
            className={css.filter}
            value={filter.actor}
            placeholder={t('access.audit.who')}
            aria-label={t('access.audit.filterWho')}
            maxLength={63}
            onChange={(event) => change({ actor: event.currentTarget.value })}
            data-testid="audit-filter-actor"
          />
          <select
            className={css.filter}
            value={filter.action}
            aria-label={t('access.audit.filterWhat')}
            onChange={(event) => change({ action: event.currentTarget.value })}
            data-testid="audit-filter-action"
          >
            <option value="">{t('access.audit.all')}</option>
            {choices.map(({ action, text }) => (
              <option key={action} value={action}>
                {text}
              </option>
            ))}
          </select>
          <input
            className={css.filter}
            value={filter.subject}
            placeholder={t('access.audit.device')}
            aria-label={t('access.audit.filterDevice')}
            maxLength={64}
            onChange={(event) => change({ subject: event.currentTarget.value })}
            data-testid="audit-filter-subject"
          />
          <div className={css.auditActions}>
            <Button
              busy={verify.busy}
              needs="audit.verify"
              onClick={() => void verify.run()}
              data-testid="audit-verify"
            >
              {t('access.audit.verify')}
            </Button>
            <Button
              busy={save.busy}
              needs="audit.export"
              onClick={() => void save.run()}
              data-testid="audit-export"
            >
              {t('access.audit.export')}
            </Button>
          </div>
        </div>
        {(check || wrong || save.saved) && (
          <div className={css.auditBox}>
            {check && <Verdict check={check} />}
            {save.saved && <p role="status">{save.saved}</p>}
            {wrong && <ErrorBox error={wrong} />}
          </div>
        )}
        {lines.length === 0 && more !== undefined ? (
          <div className={css.scroll}>
            <p className="strong">{t(filtered ? 'access.audit.empty' : 'access.audit.nothing')}</p>
            <p className="mute">{t(filtered ? 'access.audit.emptyText' : 'access.audit.nothingText')}</p>
          </div>
        ) : (
          <VirtualTable
            rows={lines}
            keyOf={keyOf}
            columns={AUDIT_COLUMNS}
            head={(column) => <span>{t(`access.audit.${column}`)}</span>}
            Cell={AuditCell}
            label={t('access.audit.title')}
            testid="audit-table"
            rowTestid={(line) => `audit-row-${line.id}`}
          />
        )}
        <div className={css.foot}>
          <span className="mute">
            {t('access.audit.countMore', { lines: t('access.audit.count', { count: lines.length }) })}
            {' · '}
            {t('access.audit.hint')}
          </span>
          {more && (
            <Button small busy={older.busy} onClick={() => void older.run()} data-testid="audit-older">
              {t('access.audit.older')}
            </Button>
          )}
        </div>
      </div>
    </Panel>
  )
}
