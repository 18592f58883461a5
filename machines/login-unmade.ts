import { loginSetup } from './login-setup.js';

// The states in which the server asks for a login, and nothing is done about it now.

export const needed = loginSetup.createStateConfig({
  description: 'The server asks for a login, and nobody here waits for a person. The next refused request asks again.',
  entry: ['answerWanted', 'tellNeeded', 'forgetRefusal'],
  on: {
    'token.wanted': { actions: 'answerWanted' },
    'token.refused': { target: 'reviewing', actions: 'noteRefusal' },
    login: { target: 'loggingIn', actions: 'noteRequest' },
  },
});

export const refused = loginSetup.createStateConfig({
  description: 'No login can be made, for the reason that calls are told. Both servers are left alone for a while.',
  entry: ['answerWanted', 'tellRefused', 'forgetRefusal'],
  on: {
    'token.wanted': { actions: 'answerWanted' },
    login: { target: 'loggingIn', actions: 'noteRequest' },
  },
  after: { cooldown: { target: 'idle', actions: 'forgetToken' } },
  initial: 'resting',
  states: {
    resting: {
      description: 'Nothing is asked of the authorization server.',
      on: { 'token.refused': { target: 'looking', actions: 'noteRefusal' } },
    },
    looking: {
      description: 'A request was refused: the store is read, since a login may have been made elsewhere.',
      invoke: {
        src: 'readLogin',
        onDone: [
          {
            guard: { type: 'isOther', params: ({ event }) => event.output },
            target: '#login.authorised',
            actions: { type: 'noteToken', params: ({ event }) => event.output },
          },
          { target: 'resting', actions: 'tellRefused' },
        ],
        onError: { target: 'resting', actions: ['recordError', 'tellRefused'] },
      },
    },
  },
});
