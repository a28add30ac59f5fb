import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { LedgerCheck, StationView, Unit } from '../../../electron/contract/factory'
import { asCallError, type CallError } from '../../bridge'
import { Button } from '../../components/Button'
import { Panel } from '../../components/Panel'
import { ErrorBox, StateBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { useSave } from '../../components/use-save'
import { exportLedger, findUnits, useFactory, verifyLedger } from '../../stores/factory'
import css from './Factory.module.css'
import { UnitTable } from './UnitTable'

/** More rows than a person reads; the search narrows them down. */
const SHOWN = 200
const TYPING_MS = 200

/** The rows that match, one more than is shown so that "more" can be told; asked again when the ledger grows. */
const useUnits = (search: string, grown: string) => {
  const [units, setUnits] = useState<readonly Unit[]>()
  const [error, setError] = useState<CallError>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: `grown` asks for another look
  useEffect(() => {
    let latest = true
    const timer = setTimeout(
      () =>
        findUnits(search, SHOWN + 1).then(
          (found) => {
            if (!latest) return
            setUnits(found)
            setError(undefined)
          },
          (thrown) => latest && setError(asCallError(thrown)),
        ),
      search === '' ? 0 : TYPING_MS,
    )
    return () => {
      latest = false
      clearTimeout(timer)
    }
  }, [search, grown])
  return { units, error }
}

/** The figures of the whole ledger; the first four add up to all serial numbers on record. */
const Figures = () => {
  const { t } = useTranslation()
  const summary = useFactory((factory) => factory.summary)
  if (!summary) return null
  const { complete, open, burned, scrapped, softwareHeld, entries } = summary
  return (
    <p className={css.figures} data-testid="ledger-figures">
      <span className="strong">
        {t('factory.ledger.total', { count: complete + open + burned + scrapped })}
      </span>{' '}
      = {t('factory.ledger.figures', { complete, open, burned, scrapped })}
      <span className="mute">
        {' · '}
        {t('factory.ledger.softwareHeld', { count: softwareHeld })}
        {' · '}
        {t('factory.ledger.entries', { count: entries })}
      </span>
    </p>
  )
}

const Check = ({ check }: { readonly check: LedgerCheck }) => {
  const { t } = useTranslation()
  const { ok, entries, checkpoints, unsigned, problem } = check
  return (
    <div data-testid="ledger-check">
      <StateBox
        tone={ok ? 'ok' : 'bad'}
        what={t(ok ? 'factory.ledger.good.what' : 'factory.ledger.bad.what')}
        state={
          ok
            ? `${t('factory.ledger.good.entries', { count: entries })}, ${t('factory.ledger.good.checkpoints', { count: checkpoints })}. ${
                unsigned === 0
                  ? t('factory.ledger.good.allSigned')
                  : t('factory.ledger.good.unsigned', { count: unsigned })
              }`
            : t('factory.ledger.bad.state')
        }
        next={t(ok ? 'factory.ledger.good.next' : 'factory.ledger.bad.next')}
        detail={problem}
        alert
      />
    </div>
  )
}

/** Every serial number on record with its device; whether the record is whole; a copy to hand on. */
export const LedgerTab = ({ view }: { readonly view: StationView }) => {
  const { t } = useTranslation()
  const entries = useFactory((factory) => factory.summary?.entries ?? 0)
  const [search, setSearch] = useState('')
  const { units, error } = useUnits(search.trim(), String(entries))
  const [check, setCheck] = useState<LedgerCheck>()
  const verify = useAction(async () => setCheck(await verifyLedger()))
  const save = useSave(exportLedger)
  const failed = error ?? verify.error ?? save.error
  const shown = units?.slice(0, SHOWN)
  return (
    <div className={css.ledger}>
      <div className={css.ledgerHead}>
        <input
          type="search"
          className={css.search}
          value={search}
          maxLength={64}
          placeholder={t('factory.ledger.search')}
          aria-label={t('factory.ledger.searchLabel')}
          onChange={(event) => setSearch(event.currentTarget.value)}
          data-testid="ledger-search"
        />
        <Figures />
        <span className={css.headActions}>
          <Button busy={verify.busy} onClick={() => void verify.run()} data-testid="ledger-verify">
            {t('factory.ledger.verify')}
          </Button>
          <Button
            busy={save.busy}
            onClick={() => void save.run('csv')}
            needs="ledger.export"
            data-testid="ledger-export-csv"
          >
            {t('factory.ledger.csv')}
          </Button>
          <Button
            busy={save.busy}
            onClick={() => void save.run('jsonl')}
            needs="ledger.export"
            data-testid="ledger-export-jsonl"
          >
            {t('factory.ledger.jsonl')}
          </Button>
        </span>
      </div>
      {save.saved && (
        <p role="status" className="mute select-text">
          {save.saved}
        </p>
      )}
      {failed && <ErrorBox error={failed} />}
      {view.ledgerProblem !== undefined && !check && (
        <ErrorBox error={{ code: 'LEDGER_INVALID', detail: view.ledgerProblem }} />
      )}
      {check && <Check check={check} />}
      <Panel className={css.panel} label={t('factory.ledger.table')}>
        {shown && shown.length === 0 ? (
          <div className={css.scroll} data-testid="ledger-empty">
            <p className="strong">{t(search.trim() ? 'factory.ledger.noMatch' : 'factory.ledger.empty')}</p>
            <p className="mute">
              {t(search.trim() ? 'factory.ledger.noMatchText' : 'factory.ledger.emptyText')}
            </p>
          </div>
        ) : (
          shown && <UnitTable units={shown} />
        )}
        {shown && shown.length > 0 && (
          <p className={`mute ${css.tableFoot}`} role="status">
            {units && units.length > SHOWN
              ? t('factory.ledger.moreThan', { count: SHOWN })
              : t('factory.ledger.shown', { count: shown.length })}
          </p>
        )}
      </Panel>
    </div>
  )
}
