import { assign, fromCallback, fromPromise, setup } from 'xstate';
import type { LoginContext, LoginEvent, LoginInput, PreparedLogin, StoredFacts, TokenFacts } from './login-context.js';

/** What the states of a login are made of: its actors, actions, guards and delays, by name. */
export const loginSetup = setup({
  types: { input: {} as LoginInput, context: {} as LoginContext, events: {} as LoginEvent },
  actors: {
    /** Reads what the store holds of this server. */
    readLogin: fromPromise<StoredFacts>(() => Promise.reject(new Error('readLogin is not provided'))),
    /** Renews the token, or takes the one that another process has got meanwhile. */
    refreshToken: fromPromise<TokenFacts>(() => Promise.reject(new Error('refreshToken is not provided'))),
    /** Gets a token with the credentials of the client alone. */
    obtainToken: fromPromise<TokenFacts, { scopes: readonly string[] }>(() =>
      Promise.reject(new Error('obtainToken is not provided')),
    ),
    /** Finds the authorization server of this server, and checks that both say so. */
    discoverServer: fromPromise<void>(() => Promise.reject(new Error('discoverServer is not provided'))),
    /** Claims the login, listens for its callback, and sees to it that the authorization server knows us. */
    registerClient: fromPromise<PreparedLogin, { scopes: readonly string[] }>(() =>
      Promise.reject(new Error('registerClient is not provided')),
    ),
    /** Sends `callback.received` when the browser has come back. */
    awaitPerson: fromCallback<LoginEvent>(() => undefined),
    /** Checks what the browser brought, and exchanges it for a token. */
    exchangeCode: fromPromise<TokenFacts>(() => Promise.reject(new Error('exchangeCode is not provided'))),
  },
  actions: {
    noteRefusal: assign({
      refusal: ({ context, event }) => (event.type === 'token.refused' ? event.refusal : context.refusal),
    }),
    /** What somebody asks for is as good as what a server asks for. */
    noteRequest: assign({
      refusal: ({ context, event }) =>
        event.type === 'login' ? { isReplaced: false, isInsufficient: false, scopes: event.scopes } : context.refusal,
      stepUps: 0,
    }),
    forgetRefusal: assign({ refusal: undefined }),
    forgetAddress: assign({ address: undefined }),
    noteToken: assign({
      token: (_args, { token }: { token: TokenFacts | undefined }) => token,
      isRenewed: false,
      lastError: undefined,
    }),
    noteRenewal: assign({ isRenewed: true }),
    forgetToken: assign({ token: undefined }),
    noteAddress: assign({ address: (_args, { address }: { address: string | undefined }) => address }),
    putRefreshOff: assign({
      token: ({ context: { token, settings, now } }) => token && { ...token, refreshAt: now() + settings.cooldownMs },
    }),
    countStepUp: assign({ stepUps: ({ context }) => context.stepUps + 1 }),
    recordError: assign({ lastError: ({ event }) => errorIn(event) }),
    recordNoUse: assign({ lastError: () => new Error('it refuses a token that has just been issued') }),
    recordTooFar: assign({
      lastError: () => new Error('it asks for more than was granted each time that more is granted'),
    }),
    recordTimeout: assign({ lastError: () => new Error('nobody logged in in time') }),
    /** Tells requests that wait to be sent what to send: the token, if there is one. */
    answerWanted: () => {},
    /** Tells refused requests to be sent again. */
    answerAgain: () => {},
    /** Tells refused requests that a person has to log in, and where. */
    tellNeeded: () => {},
    /** Tells refused requests that no login can be made now, and why. */
    tellRefused: () => {},
    /** Closes what a person's login needed: the listener and the claim. */
    endAttempt: () => {},
    reportRefresh: () => {},
    tellClosed: () => {},
  },
  guards: {
    isOther: ({ context }, { token, isOther }: StoredFacts) => isOther && isGood(token, context.now()),
    isGood: ({ context }, { token }: StoredFacts) => isGood(token, context.now()),
    isRefreshable: (_args, { token }: StoredFacts) => token?.canRefresh === true,
    isElsewhere: (_args, { isElsewhere }: PreparedLogin) => isElsewhere,
    isForMachines: ({ context }) => context.settings.grant === 'client_credentials',
    /** True when the known token is better renewed before it is used again, and can be. */
    isToBeRefreshed: ({ context }) => isEnding(context) && context.token?.canRefresh === true,
    /** The same, where a new one takes no person. */
    isToBeObtained: ({ context }) => isEnding(context) && context.settings.grant === 'client_credentials',
    isReplaced: ({ event }) => event.type === 'token.refused' && event.refusal.isReplaced,
    isInsufficient: ({ event }) => event.type === 'token.refused' && event.refusal.isInsufficient,
    /** True when the refusal names a scope that the token has not got, and not too many were asked for already. */
    asksForMore: ({ context, event }) => asksForMore(context, event),
    /** The same, where that takes no person. */
    obtainsMore: ({ context, event }) => context.settings.grant === 'client_credentials' && asksForMore(context, event),
    /** True when the token has only just been issued: renewing it again would change nothing. */
    isFresh: ({ context }) => isFresh(context),
    /** The same of a token that was renewed: a login may be of more use, for the authorization server may be another now. */
    isFreshlyRenewed: ({ context }) => context.isRenewed && isFresh(context),
    /** True when no request was refused: the token that there is may still serve. */
    isStillGood: ({ context: { refusal, token, now } }) => refusal === undefined && isGood(token, now()),
    /** True when the authorization server says that what a token is renewed with is not good any more. */
    isGrantLost: () => false,
  },
  delays: {
    personTimeout: ({ context }) => context.settings.personTimeoutMs,
    cooldown: ({ context }) => context.settings.cooldownMs,
  },
});

/** Scopes to ask for: those that a refusal names, for a step-up those that there are as well, and these alone for the same again. */
export function wantedScopes({ refusal, token }: LoginContext): readonly string[] {
  if (refusal === undefined) return token?.scopes ?? [];
  return refusal.isInsufficient ? [...new Set([...(token?.scopes ?? []), ...refusal.scopes])] : refusal.scopes;
}

function isFresh({ token, settings, now }: LoginContext): boolean {
  return token !== undefined && now() - token.obtainedAt < settings.freshMs;
}

function isEnding({ token, now }: LoginContext): boolean {
  return token !== undefined && now() >= token.refreshAt;
}

function asksForMore({ token, stepUps, settings }: LoginContext, event: LoginEvent): boolean {
  if (event.type !== 'token.refused' || !event.refusal.isInsufficient || stepUps >= settings.maxStepUps) return false;
  return event.refusal.scopes.some((scope) => token?.scopes.includes(scope) !== true);
}

function isGood(token: TokenFacts | undefined, now: number): boolean {
  return token !== undefined && now < token.expiresAt;
}

function errorIn(event: object): Error {
  const error: unknown = 'error' in event ? event.error : undefined;
  return error instanceof Error ? error : new Error(String(error));
}
