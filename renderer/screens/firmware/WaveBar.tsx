import type { WaveView } from '../../../electron/contract/firmware'
import { segmentsOf } from '../../model/firmware-waves'
import css from './Waves.module.css'

/** A wave as one bar: confirmed, on trial, failed, at work, still to come. The words beside it say the same. */
export const WaveBar = ({ wave, label }: { readonly wave: WaveView; readonly label: string }) => (
  <div
    className={css.bar}
    role="progressbar"
    aria-label={label}
    aria-valuemin={0}
    aria-valuemax={wave.total}
    aria-valuenow={wave.confirmed + wave.probation}
  >
    {segmentsOf(wave).map(({ name, from, share }) => (
      <span
        key={name}
        className={`${css.segment} ${css[name]}`}
        style={{ left: `${from * 100}%`, width: `${share * 100}%` }}
      />
    ))}
  </div>
)
