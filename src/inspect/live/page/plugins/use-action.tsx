import type { ControlAnswer } from '../../feed/messages.js';
import { usePage } from '../shell/page-context.js';
import type { PluginAction } from './plugin-actions.js';

/** Does something at the host, after it was confirmed, and says what came of it. */
export function useAction(): (title: string, action: PluginAction) => Promise<void> {
  const { requests, ask, say } = usePage();
  return async (title, { label, request, consequence, weakens }) => {
    if (!(await ask({ title, consequence, action: label, grave: weakens }))) return;
    try {
      say(answerText(await requests.control(request)));
    } catch (error) {
      say(`The host was not reached: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}

function answerText(answer: ControlAnswer): string {
  if (answer.ok) return answer.said;
  return answer.status === 409 ? `Nothing was done: it has gone on, and is now ${answer.now}.` : answer.said;
}
