import type { ReactNode } from 'react'
import { labelOf } from '../../model/device-facts'
import { useDevices } from '../../stores/devices'
import css from './Commission.module.css'

const Entry = ({
  udn,
  current,
  pill,
  onLook,
}: {
  readonly udn: string
  readonly current: boolean
  readonly pill: ReactNode
  readonly onLook: () => void
}) => {
  const device = useDevices((list) => list.byUdn.get(udn))
  const label = labelOf(device, udn)
  const under = [
    device?.serialNumber !== label ? device?.serialNumber : undefined,
    device?.addresses[0]?.address,
  ]
  return (
    <li>
      <button
        type="button"
        className={css.entry}
        aria-current={current || undefined}
        onClick={onLook}
        data-testid={`batch-entry-${udn}`}
      >
        <span className={css.entryName}>
          <span className="strong">{label}</span>
          <span className="mute">{under.filter(Boolean).join(' · ') || ' '}</span>
        </span>
        {pill}
      </button>
    </li>
  )
}

/** The devices of the batch at the right; choosing one shows it at the left. */
export const BatchList = ({
  title,
  udns,
  current,
  pillOf,
  onLook,
  label,
}: {
  readonly title: ReactNode
  readonly udns: readonly string[]
  readonly current: string | undefined
  readonly pillOf: (udn: string) => ReactNode
  readonly onLook: (udn: string) => void
  readonly label: string
}) => (
  <>
    <div className={css.batchTitle}>{title}</div>
    <ul className={css.batch} aria-label={label}>
      {udns.slice(0, SHOWN).map((udn) => (
        <Entry key={udn} udn={udn} current={udn === current} pill={pillOf(udn)} onLook={() => onLook(udn)} />
      ))}
    </ul>
  </>
)

const SHOWN = 500
