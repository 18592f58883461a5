import type { GatechartError } from '../../errors.js';
import { type Deferred, deferred } from '../../time/deferred.js';
import type { HttpClientSession } from './http-client-session.js';
import { HttpPost } from './answer/http-post.js';

/** Answers of ours to what the server asks that may wait for it to take them. */
const mostAnswersUnderWay = 300;

export interface OtherMessagesDependencies {
  readonly session: HttpClientSession;
  /** Whether the answer to `initialize` comes in response to it. */
  readonly answersInResponse: boolean;
  /** The server asks more than it takes the answers to. */
  readonly onFlood: (error: GatechartError) => void;
}

/** What is sent beside requests: `initialize`, notifications, and answers to what the server asks. */
export class OtherMessages {
  readonly #session: HttpClientSession;
  readonly #answersInResponse: boolean;
  readonly #onFlood: OtherMessagesDependencies['onFlood'];
  /** Answers that the server has not taken yet. */
  #answers = 0;
  readonly #underWay = new Map<HttpPost, Deferred<void>>();

  constructor({ session, answersInResponse, onFlood }: OtherMessagesDependencies) {
    this.#session = session;
    this.#answersInResponse = answersInResponse;
    this.#onFlood = onFlood;
  }

  /** Settles when the server has taken the message; rejects with what went wrong. */
  async send(message: object): Promise<void> {
    const sent = deferred();
    const id = this.#answersInResponse && 'method' in message && 'id' in message ? message.id : undefined;
    const isAnswer = !('method' in message);
    if (isAnswer && this.#answers >= mostAnswersUnderWay) {
      const what = `asks more than it takes the answers to: ${mostAnswersUnderWay} are waiting`;
      const error = this.#session.protocolError(what);
      this.#onFlood(error);
      throw error;
    }
    const answers = isAnswer ? 1 : 0;
    const post = new HttpPost(
      this.#session,
      // All connections may be held by calls that wait for answers of ours.
      { body: JSON.stringify(message), id, isUrgent: isAnswer },
      {
        failed: (error) => sent.reject(error.cause ?? error),
        ended: () => {
          this.#underWay.delete(post);
          this.#answers -= answers;
          sent.resolve();
        },
      },
    );
    this.#answers += answers;
    this.#underWay.set(post, sent);
    post.start();
    await sent.promise;
  }

  /** Ends what is under way. */
  failAll(reason: Error): void {
    for (const [post, sent] of this.#underWay) {
      sent.reject(reason);
      post.cancel();
    }
  }
}
