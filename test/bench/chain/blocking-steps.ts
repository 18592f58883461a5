import type { Step } from './by-hand.js';
import { silentSteps } from './silent-steps.js';

/** Five steps, of which the third blocks every request and says why. */
export function blockingSteps(): Step[] {
  const blocker: Step = {
    name: 'deny-list',
    handle: async ({ name, args }) => ({
      continueProcessing: false,
      violation: {
        reason: 'Denied word',
        description: `The arguments of ${name} contain ${String(args?.['message'])}.`,
        code: 'DENIED_WORD',
        details: { word: args?.['message'] },
      },
    }),
  };
  return silentSteps(5).map((step, index) => (index === 2 ? blocker : step));
}
