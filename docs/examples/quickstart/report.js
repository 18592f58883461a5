import { styleText } from 'node:util';

/**
 * What the quickstart shows: lines for people as it happens, or one JSON document for programs at the end.
 *
 * @param {boolean} json
 */
export function createReport(json) {
  const startedAt = performance.now();
  /** @type {Record<string, unknown>[]} */
  const events = [];
  const indent = ' '.repeat(22);
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(2).padStart(6)} s`;
  /**
   * @param {Record<string, unknown>} event
   * @param {string[]} lines
   */
  const show = (event, ...lines) => {
    events.push({ atMs: Math.round(performance.now() - startedAt), ...event });
    if (!json) for (const line of lines) console.log(line);
  };

  return {
    /** @param {string} text */
    title(text) {
      show({ event: 'title', text }, `\n${styleText('bold', text)}`);
    },

    /** @param {string} text */
    note(text) {
      show({ event: 'note', text }, `${seconds()}  ${styleText('yellow', text)}`);
    },

    /**
     * @param {string} server
     * @param {string} state
     * @param {string} why
     */
    state(server, state, why) {
      const shown = `${server.padEnd(10)} ${styleText('cyan', state.padEnd(24))} ${styleText('dim', shorten(why))}`;
      show({ event: 'state', server, state, why }, `${seconds()}  ${shown}`);
    },

    /**
     * @param {'allowed' | 'modified' | 'blocked by rule' | 'blocked by plugin'} kind
     * @param {string} what
     * @param {import('./gateway-client.js').Outcome} outcome
     */
    call(kind, what, { text, error }) {
      const color = colors[kind];
      const codes = [error?.code, error?.violationCode, error?.rule].filter((part) => part !== undefined);
      show(
        { event: 'call', kind, what, text, ...(error !== undefined && { error }) },
        `${seconds()}  ${styleText(color, kind.padEnd(18))} ${shorten(what)}`,
        `${indent}${JSON.stringify(text)}`,
        ...(codes.length === 0 ? [] : [`${indent}${styleText('dim', codes.join(', '))}`]),
      );
    },

    /** @param {Record<string, unknown>} line some of its fields */
    audit(line) {
      show({ event: 'audit', ...line }, `${seconds()}  ${styleText('dim', JSON.stringify(line))}`);
    },

    /** @param {{ calls: number, answered: number, lost: number, seconds: number, servers: { name: string, state: string, restarts: number }[] }} figures */
    summary(figures) {
      const { servers, ...rest } = figures;
      if (json) return console.log(JSON.stringify({ events, summary: figures }, undefined, 2));
      console.log(`\n${styleText('bold', 'Summary')}`);
      console.table([rest]);
      console.table(servers);
    },
  };
}

const colors = /** @type {const} */ ({
  allowed: 'green',
  modified: 'yellow',
  'blocked by rule': 'red',
  'blocked by plugin': 'red',
});

/** @param {string} text */
function shorten(text) {
  return text.length <= 90 ? text : `${text.slice(0, 87)}...`;
}
