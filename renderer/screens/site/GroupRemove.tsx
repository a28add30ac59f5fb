import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Group } from '../../../electron/contract/configuration'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { removalBlock } from '../../model/group-tree'
import { removeGroup, useSite } from '../../stores/site'

/** Takes a group away that nothing is in; otherwise says what is in it. */
export const GroupRemove = ({
  group,
  onRemoved,
}: {
  readonly group: Group
  readonly onRemoved: () => void
}) => {
  const { t } = useTranslation()
  const groups = useSite((site) => site.groups)
  const [asking, setAsking] = useState(false)
  const remove = useAction(async () => {
    await removeGroup(group.name)
    setAsking(false)
    onRemoved()
  })
  const block = removalBlock(groups, group)
  return (
    <>
      <Button
        kind="danger"
        reason={block && t(`sitePlan.groups.block.${block}`)}
        onClick={() => setAsking(true)}
        needs="groups.remove"
        data-testid="group-remove"
      >
        {t('sitePlan.groups.remove')}
      </Button>
      <Dialog
        title={t('sitePlan.groups.removeTitle', { name: group.name })}
        open={asking}
        onClose={() => setAsking(false)}
        testid="group-remove-dialog"
        actions={
          <>
            <Button
              kind="danger"
              busy={remove.busy}
              onClick={() => void remove.run()}
              data-testid="group-remove-yes"
            >
              {t('sitePlan.groups.remove')}
            </Button>
            <Button onClick={() => setAsking(false)}>{t('shell.back')}</Button>
          </>
        }
      >
        <p>{t('sitePlan.groups.removeText')}</p>
        {remove.error && <ErrorBox error={remove.error} subject={group.name} />}
      </Dialog>
    </>
  )
}
