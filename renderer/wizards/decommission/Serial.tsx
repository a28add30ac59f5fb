import own from './Decommission.module.css'

/** Hex in groups of four, as it is read out. */
const grouped = (hex: string): string => hex.toUpperCase().replace(/(.{4})(?=.)/g, '$1 ')

/** A certificate by what it is for and its serial number or fingerprint. */
export const Serial = ({ name, value }: { readonly name: string; readonly value: string }) => (
  <li className={own.serial}>
    <span>{name}</span>
    <span className="mono select-text" title={value}>
      {grouped(value)}
    </span>
  </li>
)
