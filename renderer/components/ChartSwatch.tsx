import css from './Chart.module.css'
import { lineLook, markerPath } from './chart-look'

/** The line of a device in small: colour, dash and marker, as the chart draws it. */
export const ChartSwatch = ({ index }: { readonly index: number }) => {
  const { dash, marker } = lineLook(index)
  return (
    <svg
      className={`${css.swatch} ${css[`s${index % 10}`]}`}
      width={34}
      height={12}
      viewBox="0 0 34 12"
      aria-hidden="true"
    >
      <path d="M0 6H34" stroke="currentColor" strokeWidth="2" strokeDasharray={dash.join(' ')} />
      <path d={markerPath(marker, 17, 6, 3.4)} fill="currentColor" stroke="currentColor" strokeWidth="1.6" />
    </svg>
  )
}
