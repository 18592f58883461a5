import { LinkError, type RequestOutcome } from '../transports/transport.js';

/** One request a {@link ScriptedLink} was given. Settles once; what is said after that is not heard. */
export class ScriptedRequest<Request, Response> {
  readonly message: Request;
  /** What became of it, as the link told its caller; `abandoned` when the caller gave up first. */
  outcome: 'pending' | 'answered' | 'abandoned' | RequestOutcome = 'pending';
  readonly #settle: { resolve(response: Response): void; reject(error: unknown): void };
  readonly #reply: (request: ScriptedRequest<Request, Response>) => Response;

  constructor(
    message: Request,
    settle: { resolve(response: Response): void; reject(error: unknown): void },
    reply: (request: ScriptedRequest<Request, Response>) => Response,
  ) {
    this.message = message;
    this.#settle = settle;
    this.#reply = reply;
  }

  /** Answers; without a response, with what the transport's `reply` makes of the message. */
  answer(response?: Response): void {
    if (this.outcome !== 'pending') return;
    this.outcome = 'answered';
    this.#settle.resolve(response ?? this.#reply(this));
  }

  /** Fails, saying what became of the request. */
  fail(outcome: RequestOutcome, message: string = scriptedMessages[outcome]): void {
    if (this.outcome !== 'pending') return;
    this.outcome = outcome;
    this.#settle.reject(new LinkError(outcome, message));
  }

  /** The caller gave up. */
  abandon(reason: unknown): void {
    if (this.outcome !== 'pending') return;
    this.outcome = 'abandoned';
    this.#settle.reject(reason);
  }
}

const scriptedMessages: Readonly<Record<RequestOutcome, string>> = {
  refused: 'the scripted server refused',
  notSent: 'the scripted link could not send',
  sessionLost: 'the scripted server does not know the session',
  cutOff: 'the scripted link was cut off',
};
