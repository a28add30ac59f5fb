import { useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Hint, MissingReport } from '../../../electron/contract/discovery'
import { call } from '../../bridge'
import { Ago } from '../../components/Ago'
import { Button } from '../../components/Button'
import { CopyLine } from '../../components/CopyLine'
import { Panel, Part, ScreenHead } from '../../components/Panel'
import { Pill } from '../../components/Pill'
import { Sign } from '../../components/Sign'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { ownNetworks, remedies } from '../../model/remedies'
import { useSession } from '../../stores/session'
import { go } from '../../stores/view'
import css from './Missing.module.css'

const HintCard = ({ hint, drops }: { readonly hint: Hint; readonly drops: number }) => {
  const { t } = useTranslation()
  const interfaces = useSession((session) => session.interfaces)
  const networks = useMemo(() => ownNetworks(interfaces), [interfaces])
  return (
    <li className={css.hint} data-tone={hint === 'all-fine' ? 'ok' : 'warn'} data-testid={`hint-${hint}`}>
      <p>
        <span className={css.sign}>
          <Sign name={hint === 'all-fine' ? 'check' : 'warning'} />
        </span>{' '}
        <strong>{t(`missing.hint.${hint}.title`)}.</strong> {t(`missing.hint.${hint}.text`, { drops })}
      </p>
      {remedies(hint, networks).map((command) => (
        <CopyLine key={command} text={command} />
      ))}
      {(hint === 'vpn-active' || hint === 'no-interface') && (
        <Button small onClick={() => go('settings')}>
          {t('missing.openSettings')}
        </Button>
      )}
    </li>
  )
}

const INTERFACE_COLUMNS = [
  'name',
  'address',
  'listening',
  'searches',
  'packets',
  'answers',
  'notifies',
  'malformed',
  'last',
] as const
const REFUSED_COLUMNS = ['from', 'usn', 'reason', 'count', 'last'] as const

const Interfaces = ({ report }: { readonly report: MissingReport }) => {
  const { t } = useTranslation()
  return (
    <table className={css.table} data-testid="missing-interfaces">
      <thead>
        <tr>
          {INTERFACE_COLUMNS.map((column) => (
            <th key={column} scope="col">
              {t(`missing.column.${column}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {report.interfaces.map((one) => (
          <tr key={`${one.name} ${one.family} ${one.address}`}>
            <th scope="row">
              {one.name} <span className="mute">{one.family}</span>
            </th>
            <td className="mono">{one.address}</td>
            <td>
              <Pill tone={one.listening ? 'ok' : 'bad'}>
                {t(one.listening ? 'missing.yes' : 'missing.no')}
              </Pill>
              {one.problem && <span className="mono mute"> {one.problem}</span>}
            </td>
            <td>{one.searchesSent}</td>
            <td>{one.packetsHeard}</td>
            <td>{one.answersHeard}</td>
            <td>{one.notifiesHeard}</td>
            <td>{one.malformed}</td>
            <td>{one.lastHeardMs === undefined ? t('missing.never') : <Ago atMs={one.lastHeardMs} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const Refused = ({ report }: { readonly report: MissingReport }) => {
  const { t } = useTranslation()
  if (report.refused.length === 0) return <p className="mute">{t('missing.refusedNone')}</p>
  return (
    <table className={css.table} data-testid="missing-refused">
      <thead>
        <tr>
          {REFUSED_COLUMNS.map((column) => (
            <th key={column} scope="col">
              {t(`missing.refusedColumn.${column}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {report.refused.slice(0, 200).map((one) => (
          <tr key={`${one.from} ${one.usn ?? ''} ${one.location ?? ''} ${one.reason}`}>
            <th scope="row">
              <span className="mono">{one.from}</span> <span className="mute">{one.interfaceName}</span>
            </th>
            <td className={`mono ${css.usn}`} title={one.usn}>
              {one.usn ?? '—'}
            </td>
            <td className={css.reason}>
              {t(`missing.refusal.${one.reason}`)}
              {(one.detail ?? one.location) && (
                <span className="mono mute"> {one.detail ?? one.location}</span>
              )}
            </td>
            <td>{one.count}</td>
            <td>
              <Ago atMs={one.lastMs} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Counted facts of each network and the reason for every refusal: why a device is not in the list. */
export const MissingScreen = () => {
  const { t } = useTranslation()
  const [report, setReport] = useState<MissingReport>()
  const { run, busy, error } = useAction(async () => setReport(await call('discovery.missing')))
  useEffect(() => void run(), [run])
  return (
    <>
      <ScreenHead title={t('missing.title')} facts={report && <Ago atMs={report.takenAtMs} />}>
        <Button onClick={() => go('devices')} data-testid="missing-back">
          {t('shell.back')}
        </Button>
        <Button kind="primary" busy={busy} onClick={() => void run()} data-testid="missing-again">
          {t('missing.again')}
        </Button>
      </ScreenHead>
      {error && <ErrorBox error={error} />}
      {report && (
        <Panel scroll className={css.panel}>
          <Part title={t('missing.hints')} hint={t('missing.intro')}>
            <ul className={css.hints}>
              {report.hints.map((hint) => (
                <HintCard key={hint} hint={hint} drops={report.kernelDrops ?? 0} />
              ))}
            </ul>
          </Part>
          <Part title={t('missing.interfaces')}>
            <Interfaces report={report} />
            {report.unused.length > 0 && (
              <p className={`mute ${css.unused}`}>
                {t('missing.unusedText')} {report.unused.map((one) => one.name).join(', ')}.{' '}
                <Button small kind="quiet" onClick={() => go('settings')}>
                  {t('missing.openSettings')}
                </Button>
              </p>
            )}
          </Part>
          <Part title={t('missing.refused')}>
            <Refused report={report} />
          </Part>
        </Panel>
      )}
    </>
  )
}
