/** How lines are told apart without colour: dash and marker. */
export const DASHES: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 5]]
export const MARKERS = ['circle', 'square', 'triangle', 'diamond', 'cross'] as const
export type Marker = (typeof MARKERS)[number]

/** Dash and marker of the n-th line; no two of ten have both alike. */
export const lineLook = (index: number): { readonly dash: readonly number[]; readonly marker: Marker } => ({
  dash: DASHES[index % DASHES.length] ?? [],
  marker: MARKERS[(index + Math.floor(index / 5)) % MARKERS.length] ?? 'circle',
})

/** Outline of a marker around a point, as commands of an SVG path. */
export const markerPath = (marker: Marker, x: number, y: number, r: number): string => {
  switch (marker) {
    case 'circle':
      return `M${x - r},${y}a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0Z`
    case 'square':
      return `M${x - r},${y - r}h${2 * r}v${2 * r}h${-2 * r}Z`
    case 'triangle':
      return `M${x},${y - r * 1.2}L${x + r * 1.2},${y + r}H${x - r * 1.2}Z`
    case 'diamond':
      return `M${x},${y - r * 1.3}L${x + r * 1.3},${y}L${x},${y + r * 1.3}L${x - r * 1.3},${y}Z`
    default:
      return `M${x - r},${y - r}L${x + r},${y + r}M${x + r},${y - r}L${x - r},${y + r}`
  }
}
