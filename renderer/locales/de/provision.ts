import type { en, Texts } from '../en'

export const provision: Texts<typeof en.provision> = {}
