import type { StationView } from '../../../electron/contract/factory'
import { Panel } from '../../components/Panel'
import css from './Factory.module.css'
import { LaneList } from './LaneList'
import { LineForm } from './LineForm'

/** The line at the left: name, model, rules. Its lanes at the right: which port is which. */
export const LanesTab = ({ view }: { readonly view: StationView }) => (
  <div className={css.halves}>
    <Panel className={css.panel}>
      <LineForm config={view.config} />
    </Panel>
    <Panel className={css.panel}>
      <LaneList lanes={view.config.lanes} />
    </Panel>
  </div>
)
