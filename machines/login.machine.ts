import { loggingIn } from './login-attempt.js';
import { loginSetup, wantedScopes } from './login-setup.js';
import { needed, refused } from './login-unmade.js';

/**
 * The login at one server. Nothing is asked of anybody before the server refuses a request; then whatever can be done
 * without a person is done once, and else a person is asked. One of all that asks for tokens runs at a time.
 */
export const loginMachine = loginSetup.createMachine({
  id: 'login',
  context: ({ input }) => ({
    ...input,
    token: undefined,
    isRenewed: false,
    refusal: undefined,
    stepUps: 0,
    address: undefined,
    lastError: undefined,
  }),
  initial: 'idle',
  on: { 'token.refused': { actions: 'noteRefusal' }, close: '.closed' },
  states: {
    idle: {
      description: 'Nothing is known yet; the first request has the store read.',
      on: {
        'token.wanted': 'reading',
        'token.refused': { target: 'reviewing', actions: 'noteRefusal' },
        login: { target: 'loggingIn', actions: 'noteRequest' },
      },
    },
    reading: {
      description: 'What the store holds of this server is being read; requests wait for it.',
      invoke: {
        src: 'readLogin',
        onDone: [
          {
            guard: { type: 'isGood', params: ({ event }) => event.output },
            target: 'authorised',
            actions: { type: 'noteToken', params: ({ event }) => event.output },
          },
          {
            guard: { type: 'isRefreshable', params: ({ event }) => event.output },
            target: 'refreshing',
            actions: { type: 'noteToken', params: ({ event }) => event.output },
          },
          { target: 'anonymous', actions: 'forgetToken' },
        ],
        onError: { target: 'refused', actions: 'recordError' },
      },
    },
    anonymous: {
      description: 'There is no token, and the server has not asked for one: requests go without.',
      entry: ['answerWanted', 'answerAgain', 'forgetRefusal'],
      on: {
        'token.wanted': { actions: 'answerWanted' },
        'token.refused': { target: 'reviewing', actions: 'noteRefusal' },
        login: { target: 'loggingIn', actions: 'noteRequest' },
      },
    },
    authorised: {
      description: 'There is a token, and requests carry it.',
      entry: ['answerWanted', 'answerAgain', 'forgetRefusal', 'forgetAddress'],
      on: {
        'token.wanted': [
          { guard: 'isToBeRefreshed', target: 'refreshing' },
          { guard: 'isToBeObtained', target: 'obtaining' },
          { actions: 'answerWanted' },
        ],
        'token.refused': [
          { guard: 'isReplaced', actions: 'answerAgain' },
          { guard: 'obtainsMore', target: 'obtaining', actions: ['noteRefusal', 'countStepUp'] },
          { guard: 'asksForMore', target: 'loggingIn', actions: ['noteRefusal', 'countStepUp'] },
          { guard: 'isInsufficient', target: 'refused', actions: 'recordTooFar' },
          { guard: 'isFreshlyRenewed', target: 'loggingIn', actions: ['noteRefusal', 'forgetToken'] },
          { guard: 'isFresh', target: 'refused', actions: 'recordNoUse' },
          { target: 'reviewing', actions: 'noteRefusal' },
        ],
        login: { target: 'loggingIn', actions: 'noteRequest' },
      },
    },
    reviewing: {
      description: 'A request was refused: the store is read first, since the login may have been made elsewhere.',
      invoke: {
        src: 'readLogin',
        onDone: [
          {
            guard: { type: 'isOther', params: ({ event }) => event.output },
            target: 'authorised',
            actions: { type: 'noteToken', params: ({ event }) => event.output },
          },
          {
            guard: { type: 'isRefreshable', params: ({ event }) => event.output },
            target: 'refreshing',
            actions: { type: 'noteToken', params: ({ event }) => event.output },
          },
          { guard: 'isForMachines', target: 'obtaining', actions: 'forgetToken' },
          { target: 'loggingIn', actions: 'forgetToken' },
        ],
        onError: { target: 'refused', actions: 'recordError' },
      },
    },
    refreshing: {
      description: 'The token is being renewed, by one at a time of all processes that share the store.',
      invoke: {
        src: 'refreshToken',
        onDone: {
          target: 'authorised',
          actions: [{ type: 'noteToken', params: ({ event }) => ({ token: event.output }) }, 'noteRenewal'],
        },
        onError: [
          { guard: 'isGrantLost', target: 'loggingIn', actions: ['recordError', 'forgetToken'] },
          { guard: 'isStillGood', target: 'authorised', actions: ['reportRefresh', 'putRefreshOff'] },
          { target: 'refused', actions: 'recordError' },
        ],
      },
    },
    obtaining: {
      description: 'A token is being got with the credentials of the client, without a person.',
      invoke: {
        src: 'obtainToken',
        input: ({ context }) => ({ scopes: wantedScopes(context) }),
        onDone: {
          target: 'authorised',
          actions: { type: 'noteToken', params: ({ event }) => ({ token: event.output }) },
        },
        onError: [
          { guard: 'isStillGood', target: 'authorised', actions: ['reportRefresh', 'putRefreshOff'] },
          { target: 'refused', actions: 'recordError' },
        ],
      },
    },
    loggingIn,
    needed,
    refused,
    closed: { description: 'Nothing is asked of anybody any more.', type: 'final', entry: 'tellClosed' },
  },
});
