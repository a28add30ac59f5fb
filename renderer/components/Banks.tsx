import { useTranslation } from 'react-i18next'
import type { BankCell, CellState } from '../model/firmware-banks'
import css from './Banks.module.css'
import { Sign, type SignName } from './Sign'

const CELL_SIGN: Readonly<Record<CellState, SignName | undefined>> = {
  runs: 'check',
  trial: 'warning',
  standby: undefined,
  stored: undefined,
  staged: 'dot',
  writing: 'dot',
  invalid: 'cross',
  empty: 'dash',
}

/**
 * The two banks as joined cells: green runs, amber is on trial, red is invalid; each with its sign, and as words for
 * screen readers. The bar under a cell marks the bank that the next start takes.
 */
export const Banks = ({
  cells,
  large,
}: {
  readonly cells: readonly BankCell[]
  /** With version, word and what starts next written out. */
  readonly large?: boolean
}) => {
  const { t } = useTranslation()
  const wordOf = (cell: BankCell) =>
    t('firmware.banks.cell', {
      name: cell.name,
      version: cell.version ?? '—',
      state: t(`firmware.banks.state.${cell.state}`),
    })
  const next = cells.find((cell) => cell.startsNext)
  const nextText = next ? t('firmware.banks.next', { name: next.name }) : ''
  const label = [...cells.map(wordOf), nextText].filter(Boolean).join('. ')
  const nameOf = (state: CellState) => cells.find((cell) => cell.state === state)?.name
  return (
    <span
      role="img"
      aria-label={label}
      title={large ? undefined : label}
      className={large ? css.large : css.banks}
      data-testid="banks"
      data-active={nameOf('runs') ?? nameOf('trial')}
      data-trial={nameOf('trial')}
    >
      {cells.map((cell) => {
        const sign = CELL_SIGN[cell.state]
        return (
          <span
            key={cell.name}
            className={`${css.cell} ${css[cell.state]}`}
            data-next={cell.startsNext || undefined}
          >
            <span className={css.name}>
              {cell.name}
              {sign && <Sign name={sign} size={10} />}
            </span>
            {large && (
              <>
                <span className={`mono ${css.version}`}>{cell.version ?? '—'}</span>
                <span className={css.word}>{t(`firmware.banks.state.${cell.state}`)}</span>
                <span className={css.nextWord}>
                  {cell.startsNext ? t('firmware.banks.startsNext') : '\u00a0'}
                </span>
              </>
            )}
          </span>
        )
      })}
    </span>
  )
}

const LEGEND = ['runs', 'trial', 'standby', 'staged', 'invalid'] as const

/** What the signs and colours of the banks mean. */
export const BanksLegend = () => {
  const { t } = useTranslation()
  return (
    <ul className={css.legend} aria-label={t('firmware.banks.legend')}>
      {LEGEND.map((state) => {
        const sign = CELL_SIGN[state]
        return (
          <li key={state}>
            <span className={`${css.swatch} ${css[state]}`}>{sign && <Sign name={sign} size={9} />}</span>
            {t(`firmware.banks.state.${state}`)}
          </li>
        )
      })}
      <li>
        <span className={css.swatchNext} />
        {t('firmware.banks.startsNext')}
      </li>
    </ul>
  )
}
