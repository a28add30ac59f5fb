import type { BundleScope } from '../../../../electron/contract/report'

/** Makes a diagnostics bundle of what `scope` names. */
export const BundleButton = ({ scope: _scope }: { readonly scope: BundleScope }) => null
