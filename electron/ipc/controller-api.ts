import type { Controller } from '../controller'

/** The controller's public side, without its private members, so that tests can stand in for it. */
export type ControllerApi = Pick<Controller, keyof Controller>
