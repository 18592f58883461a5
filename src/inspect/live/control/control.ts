import { pluginModeNames } from '../../../config/sections/plugin-modes.js';
import type { OpenConnection } from '../../../connection/connection-system.js';
import { isGatechartError, messageOf } from '../../../errors.js';
import { cleanText } from '../../../gateway/offer/text-cleaning.js';
import type { PluginStatus } from '../../../manager/lives/plugin-status.js';
import type { LiveSource } from '../feed/live-source.js';
import type { ControlAnswer, ControlRequest } from '../feed/feed-control.js';
import type { ControlTarget } from './control-target.js';

type Control = NonNullable<LiveSource['control']>;

/**
 * Does what somebody asks for who looks into a process. Whatever was decided on a state that is no longer there is not
 * done, and answered with the state that is.
 */
export function createControl(target: ControlTarget): Control {
  return async (request) => {
    try {
      return await carryOut(target, request);
    } catch (error) {
      return { ok: false, status: statusOf(error), said: shown(messageOf(error)) };
    }
  };
}

async function carryOut(target: ControlTarget, request: ControlRequest): Promise<ControlAnswer> {
  switch (request.do) {
    case 'reload':
      return { ok: true, said: await target.reload() };
    case 'retry':
    case 'close':
      return steer(target, request);
    case 'enable':
    case 'disable':
    case 'setMode':
      return change(target, request);
  }
}

async function steer(
  target: ControlTarget,
  { do: what, actor, expect }: Extract<ControlRequest, { actor: string }>,
): Promise<ControlAnswer> {
  const [connection, ...others] = target.connections(actor);
  if (connection === undefined) return refused(404, `there is no connection ${actor}`);
  if (others.length > 0) return refused(400, `${actor} is not the only connection of this name`);
  const { state } = connection.status();
  if (state !== expect) return { ok: false, status: 409, now: state };
  return what === 'retry' ? retry(connection, actor) : close(connection, actor);
}

/** States in which a retry has an effect. */
const waitingStates: ReadonlySet<string> = new Set(['reconnecting.backingOff', 'failed.coolingDown', 'failed.rested']);

function retry(connection: OpenConnection, actor: string): ControlAnswer {
  const { state } = connection.status();
  if (!waitingStates.has(state)) return refused(400, `${actor} is ${state}, where no attempt is waited for`);
  connection.retry();
  return { ok: true, said: `${actor} makes its next attempt now` };
}

/** Waiting calls are refused at once; that the link is gone is not waited for: it may take its time. */
function close(connection: OpenConnection, actor: string): ControlAnswer {
  const { state, waiting, inFlight } = connection.status();
  if (state === 'closing' || state === 'closed') return refused(400, `${actor} is ${state} already`);
  void connection.close();
  const calls = `${waiting} waiting calls are refused, ${inFlight} in flight are cut off`;
  return { ok: true, said: `${actor} is closed: ${calls}, and nothing opens again until a reload` };
}

async function change(
  { plugins }: ControlTarget,
  request: Extract<ControlRequest, { plugin: string }>,
): Promise<ControlAnswer> {
  const { plugin, expect } = request;
  const status: PluginStatus | undefined = plugins?.plugins.find(({ name }) => name === plugin);
  if (plugins === undefined || status === undefined) return refused(404, `there is no plugin ${plugin}`);
  if (status.state !== expect) return { ok: false, status: 409, now: status.state };
  if (request.do !== 'setMode') {
    const isWanted = request.do === 'enable';
    if (isWanted) plugins.enablePlugin(plugin);
    else plugins.disablePlugin(plugin);
    const what = isWanted ? 'takes part in its chains' : 'is left out of all chains until it is enabled';
    return { ok: true, said: shown(`${plugin} ${what}`) };
  }
  const mode = pluginModeNames.find((name) => name === request.mode);
  if (mode === undefined) return refused(400, `there is no such mode; use one of ${pluginModeNames.join(', ')}`);
  await plugins.setMode(plugin, mode);
  return { ok: true, said: `the mode of ${plugin} is ${mode}` };
}

function refused(status: 400 | 404, said: string): ControlAnswer {
  return { ok: false, status, said: shown(said) };
}

function statusOf(error: unknown): 400 | 404 | 500 {
  if (!isGatechartError(error)) return 500;
  if (error.code === 'PLUGIN_NOT_FOUND') return 404;
  return error.code.startsWith('CONFIG_') ? 400 : 500;
}

const longestSaid = 1_000;

/** Names and messages of others, for a page and a terminal. */
function shown(text: string): string {
  return cleanText(text).text.slice(0, longestSaid).toWellFormed();
}
