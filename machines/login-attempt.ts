import { loginSetup, wantedScopes } from './login-setup.js';

// The states of a login in which a person is needed.

export const loggingIn = loginSetup.createStateConfig({
  description: 'A person is to log in: here, or wherever the address is opened that calls are told.',
  exit: ['endAttempt', 'forgetAddress'],
  initial: 'discovering',
  states: {
    discovering: {
      description:
        'The authorization server is being found, and both sides are checked to say that they belong together.',
      invoke: {
        src: 'discoverServer',
        onDone: 'registering',
        onError: { target: '#login.refused', actions: 'recordError' },
      },
    },
    registering: {
      description: 'The callback is being opened, and the authorization server told who we are.',
      invoke: {
        src: 'registerClient',
        input: ({ context }) => ({ scopes: wantedScopes(context) }),
        onDone: [
          {
            guard: { type: 'isElsewhere', params: ({ event }) => event.output },
            target: '#login.needed',
            actions: { type: 'noteAddress', params: ({ event }) => event.output },
          },
          {
            target: 'waitingForPerson',
            actions: { type: 'noteAddress', params: ({ event }) => event.output },
          },
        ],
        onError: { target: '#login.refused', actions: 'recordError' },
      },
    },
    waitingForPerson: {
      description: 'The address is known, and its callback listened for. Requests go as they went before.',
      entry: ['answerWanted', 'tellNeeded'],
      invoke: { src: 'awaitPerson' },
      on: {
        'callback.received': 'exchanging',
        'token.wanted': { actions: 'answerWanted' },
      },
      after: { personTimeout: { target: '#login.needed', actions: 'recordTimeout' } },
      initial: 'listening',
      states: {
        listening: {
          description: 'Nobody has come back yet.',
          on: { 'token.refused': { target: 'looking', actions: 'noteRefusal' } },
        },
        looking: {
          description: 'A request was refused: the store is read, since the login may have been made elsewhere.',
          invoke: {
            src: 'readLogin',
            onDone: [
              {
                guard: { type: 'isOther', params: ({ event }) => event.output },
                target: '#login.authorised',
                actions: { type: 'noteToken', params: ({ event }) => event.output },
              },
              { target: 'listening', actions: 'tellNeeded' },
            ],
            onError: { target: '#login.refused', actions: 'recordError' },
          },
        },
      },
    },
    exchanging: {
      description: 'The browser has come back; what it brought is being checked and exchanged for a token.',
      invoke: {
        src: 'exchangeCode',
        onDone: {
          target: '#login.authorised',
          actions: { type: 'noteToken', params: ({ event }) => ({ token: event.output }) },
        },
        onError: { target: '#login.refused', actions: 'recordError' },
      },
    },
  },
});
