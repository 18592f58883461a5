import { explainedPath, possibleSteps } from '../../actors/state-explanation.js';
import { messageOf } from '../../errors.js';
import type { BrokenEntry } from '../server-entry.js';
import type { NextStep, ServerExplanation, ServerStatus } from '../server-set-api.js';
import type { Server } from '../server/server.js';
import { targetOf } from '../sessions/server-target.js';
import { withoutSecrets } from '../sessions/secret-texts.js';

/** Where a server is that can be used. */
export function serverStatus(server: Server, login: string | undefined): ServerStatus {
  const { entry, sessions, calls } = server;
  const { name, description } = entry;
  const serving = sessions.serving;
  const inFlight = serving.reduce((sum, session) => sum + session.status().inFlight, 0);
  const { newest } = sessions;
  const connection = newest?.status();
  const isAsleep = connection === undefined || connection.state.startsWith('idle');
  const lastError = connection?.lastError;
  return {
    name,
    description,
    state: isAsleep ? 'asleep' : connection.state,
    sinceMs: newest?.sinceMs ?? server.ageMs,
    lastError: lastError === undefined ? undefined : withoutSecrets(messageOf(lastError), entry),
    attempts: connection?.attempt ?? 0,
    nextTimerInMs: connection?.nextTimerInMs,
    tools: server.known('tools')?.items.length,
    inFlight,
    waiting: calls.waiting + serving.reduce((sum, session) => sum + session.status().waiting, 0),
    sessions: sessions.size,
    sessionAgeMs: newest?.ageMs,
    login,
    target: targetOf(entry),
    restarts: sessions.restarts,
  };
}

/** The same for an entry that cannot be used. */
export function brokenStatus({ name, description, error }: BrokenEntry, sinceMs: number): ServerStatus {
  return {
    name,
    description,
    state: 'unusable',
    sinceMs,
    lastError: error,
    attempts: 0,
    nextTimerInMs: undefined,
    tools: undefined,
    inFlight: 0,
    waiting: 0,
    sessions: 0,
    sessionAgeMs: undefined,
    login: undefined,
    target: '',
    restarts: 0,
  };
}

/** Why a server is where it is, and what can happen to it next. */
export function serverExplanation(server: Server, status: ServerStatus): ServerExplanation {
  const { newest } = server.sessions;
  if (newest === undefined) {
    const description = 'There is no session with the server. The first call opens one.';
    return { status, path: [{ state: 'asleep', description }], next: [] };
  }
  const snapshot = newest.snapshot();
  const next = possibleSteps(snapshot).map(
    ({ event, guard, holds, target, actions, isTimed }): NextStep => ({
      event,
      guard,
      holds,
      target,
      actions,
      dueInMs: isTimed ? status.nextTimerInMs : undefined,
    }),
  );
  return { status, path: explainedPath(snapshot), next };
}
