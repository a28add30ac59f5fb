import { useStation } from '../../stores/station'
import { Floor } from './Floor'
import { LockedView } from './LockedView'

/** The locked, full-screen station: lanes read from two metres. */
export const StationScreen = () => {
  const view = useStation((mirror) => mirror.view)
  if (!view) return null
  return view.signedIn ? <Floor view={view} person={view.signedIn} /> : <LockedView view={view} />
}
