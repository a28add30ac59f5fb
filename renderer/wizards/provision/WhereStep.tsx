import { useTranslation } from 'react-i18next'
import { Button } from '../../components/Button'
import { Panel } from '../../components/Panel'
import {
  networkBlock,
  type ProvisionRoad,
  type SerialBlock,
  serialBlock,
  type Target,
} from '../../model/provision'
import { useDevices } from '../../stores/devices'
import { chooseRoad, goOn } from '../../stores/provision'
import { CablePart } from './CablePart'
import css from './Provision.module.css'
import { SetupNetworkPart } from './SetupNetworkPart'
import { Will } from './Will'

const ROADS: readonly ProvisionRoad[] = ['serial', 'network']

/** Why it can not go on yet, as a short reason in the button. */
const useBlock = (target: Target): SerialBlock | 'no-port' | ReturnType<typeof networkBlock> => {
  const device = useDevices((list) => list.byUdn.get(target.via === 'network' ? target.udn : ''))
  if (target.via === 'network') return networkBlock(target.udn, device)
  return target.path === '' ? 'no-port' : serialBlock(target.look)
}

/** Which device, and by which road it is reached. */
export const WhereStep = ({ target }: { readonly target: Target }) => {
  const { t } = useTranslation()
  const block = useBlock(target)
  return (
    <div className={css.split}>
      <Panel className={css.panel} label={t('provision.steps.where')}>
        <div className={css.scroll}>
          <fieldset className={css.roads} aria-label={t('provision.where.road')}>
            {ROADS.map((road) => (
              <label key={road} className={css.road}>
                <input
                  type="radio"
                  name="road"
                  checked={target.via === road}
                  onChange={() => chooseRoad(road)}
                  data-testid={`provision-via-${road}`}
                />
                <span className="strong">{t(`provision.where.${road}`)}</span>
                <span className="mute">{t(`provision.where.${road}Hint`)}</span>
              </label>
            ))}
          </fieldset>
          {target.via === 'serial' ? <CablePart target={target} /> : <SetupNetworkPart udn={target.udn} />}
        </div>
        <div className={css.foot}>
          <Button
            kind="primary"
            reason={block && t(`provision.where.block.${block}`)}
            onClick={goOn}
            data-testid="provision-next"
          >
            {t('provision.continue')}
          </Button>
          <span className={css.footNote}>{t('provision.nothingChanged')}</span>
        </div>
      </Panel>
      <Will />
    </div>
  )
}
