import { Panel } from '../../components/Panel'
import { useSession } from '../../stores/session'
import { PolicyForm } from './PolicyForm'
import css from './Site.module.css'

/** Who may join this site without being asked about. */
export const PolicyTab = () => {
  const policy = useSession(({ settings }) => settings?.policy)
  return (
    <Panel className={css.wholePanel} scroll>
      <div className={css.scroll}>{policy && <PolicyForm policy={policy} />}</div>
    </Panel>
  )
}
