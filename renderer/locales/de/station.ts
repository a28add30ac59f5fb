import type { en, Texts } from '../en'

export const station: Texts<typeof en.station> = {}
