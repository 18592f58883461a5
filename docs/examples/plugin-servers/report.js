import { styleText } from 'node:util';

/**
 * What the example shows: lines for people, or JSON lines for programs.
 *
 * @param {boolean} json
 */
export function createReport(json) {
  const startedAt = performance.now();
  /** @param {Record<string, unknown>} fields */
  const emit = (fields) => console.log(JSON.stringify({ atMs: Math.round(performance.now() - startedAt), ...fields }));
  /** @param {string} line */
  const print = (line) => console.log(line);
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(2).padStart(6)} s`;

  return {
    /** @param {string} text */
    title(text) {
      if (json) emit({ event: 'title', text });
      else print(`\n${styleText('bold', text)}`);
    },

    /** @param {string} text */
    note(text) {
      if (json) emit({ event: 'note', text });
      else print(`${seconds()}  ${styleText('yellow', text)}`);
    },

    /**
     * @param {string} connection
     * @param {string} state
     * @param {string} [why]
     */
    state(connection, state, why = '') {
      if (json) emit({ event: 'state', connection, state, why });
      else
        print(
          `${seconds()}  ${connection.padEnd(10)} ${styleText('cyan', state.padEnd(24))} ${styleText('dim', shorten(why))}`,
        );
    },

    /**
     * @param {string} expected
     * @param {ReturnType<typeof import('./guarded-call.js').guardedCall>} call
     */
    async call(expected, call) {
      const result = await call;
      if (result.outcome !== expected) throw new Error(`expected a call that is ${expected}, it was ${result.outcome}`);
      if (json) return emit({ event: 'call', ...result });
      const color =
        /** @type {const} */ ({ allowed: 'green', modified: 'yellow', blocked: 'red' })[result.outcome] ?? 'red';
      print(
        `${seconds()}  ${styleText(color, result.outcome.padEnd(10))} sent ${shorten(JSON.stringify(result.sent))}`,
      );
      if (result.violation) {
        const { code, reason, description, pluginName } = result.violation;
        print(`${' '.repeat(22)}${pluginName}: ${code}, ${reason}. ${description}`);
      } else {
        print(`${' '.repeat(22)}answer ${JSON.stringify(result.text)}`);
        print(`${' '.repeat(22)}metadata ${JSON.stringify(result.metadata)}`);
      }
    },

    /** @param {{ calls: number, answered: number, lost: number, seconds: number, connections: { name: string, state: string, attempt: number }[] }} figures */
    summary(figures) {
      if (json) return emit({ event: 'summary', ...figures });
      const { connections, ...rest } = figures;
      print(`\n${styleText('bold', 'Summary')}`);
      console.table([rest]);
      console.table(connections);
    },
  };
}

/** @param {string} text */
function shorten(text) {
  return text.length <= 90 ? text : `${text.slice(0, 87)}...`;
}
