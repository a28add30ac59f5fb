/** The test actions of Diagnostics:1 (docs/protocol.md §12). */
import { TEST_TYPES } from '../contract/self-test'
import type { ActionHandler } from '../upnp/endpoint'
import type { TestRunner } from './test-runner'

const numberOf = (args: Readonly<Record<string, string>>): number => Number(args.TestID)

/** Value of `ActiveTestIDs`. */
export const activeTestIds = (runner: TestRunner): string => JSON.stringify(runner.activeIds())

/** Action name → handler; phases, roles and argument types have been checked before. */
export const testActions = (runner: TestRunner): Readonly<Record<string, ActionHandler>> => ({
  ...Object.fromEntries(
    TEST_TYPES.map((type): [string, ActionHandler] => [
      type,
      (args) => ({ TestID: String(runner.start(type, args)) }),
    ]),
  ),
  GetActiveTestIDs: () => ({ TestIDs: activeTestIds(runner) }),
  GetTestInfo: (args) => {
    const { type, state } = runner.info(numberOf(args))
    return { Type: type, State: state }
  },
  GetTestResult: (args) => {
    const { state, result } = runner.result(numberOf(args))
    return { State: state, Result: result ? JSON.stringify(result) : '' }
  },
  CancelTest: (args) => {
    runner.cancel(numberOf(args))
    return {}
  },
})
