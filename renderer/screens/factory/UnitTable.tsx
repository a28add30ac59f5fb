import { useTranslation } from 'react-i18next'
import { isSoftwareHeld, type Unit, type UnitState } from '../../../electron/contract/factory'
import { Ago } from '../../components/Ago'
import { Pill } from '../../components/Pill'
import { ScrollPart } from '../../components/ScrollPart'
import type { Tone } from '../../model/device-facts'
import css from './Factory.module.css'

const COLUMNS = [
  'serialNumber',
  'state',
  'model',
  'udn',
  'key',
  'certificate',
  'lane',
  'operator',
  'attempts',
  'when',
] as const

const toneOf = (state: UnitState): Tone => {
  switch (state) {
    case 'complete':
      return 'ok'
    case 'burned':
    case 'scrapped':
      return 'neutral'
    default:
      return 'warn'
  }
}

const Row = ({ unit }: { readonly unit: Unit }) => {
  const { t } = useTranslation()
  return (
    <tr>
      <th scope="row" className="mono">
        {unit.serialNumber}
      </th>
      <td title={unit.reason ?? unit.lastErrorCode}>
        <Pill
          tone={toneOf(unit.state)}
          {...(toneOf(unit.state) === 'neutral' ? { sign: 'dash' as const } : {})}
        >
          {t(`factory.ledger.state.${unit.state}`)}
        </Pill>
      </td>
      <td>{unit.model}</td>
      <td className={`mono ${css.long}`} title={unit.udn}>
        {unit.udn.replace(/^uuid:/, '')}
      </td>
      <td>
        {isSoftwareHeld(unit.keyStorage) ? (
          <Pill tone="warn">{t('factory.ledger.softwareKey')}</Pill>
        ) : unit.keyStorage ? (
          t(`factory.ledger.storage.${unit.keyStorage}`)
        ) : (
          <span className="mute">—</span>
        )}
      </td>
      <td className={`mono ${css.long}`} title={unit.certificateSerial}>
        {unit.certificateSerial ?? <span className="mute">—</span>}
      </td>
      <td>{unit.lane || <span className="mute">—</span>}</td>
      <td className={css.long} title={unit.operator}>
        {unit.operator}
      </td>
      <td className={css.number}>{unit.attempts}</td>
      <td>
        <Ago atMs={unit.updatedAtMs} />
      </td>
    </tr>
  )
}

/** Serial numbers with their devices, newest first as the ledger gives them. */
export const UnitTable = ({ units }: { readonly units: readonly Unit[] }) => {
  const { t } = useTranslation()
  return (
    <ScrollPart className={css.tableScroll} label={t('factory.ledger.table')}>
      <table className={`${css.table} ${css.units}`} data-testid="ledger-table">
        <thead>
          <tr>
            {COLUMNS.map((column) => (
              <th key={column} scope="col" data-column={column}>
                {t(`factory.ledger.column.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {units.map((unit) => (
            <Row key={unit.serialNumber} unit={unit} />
          ))}
        </tbody>
      </table>
    </ScrollPart>
  )
}
