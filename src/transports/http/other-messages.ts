import { type Deferred, deferred } from '../../time/deferred.js';
import type { HttpClientSession } from './http-client-session.js';
import { HttpPost } from './answer/http-post.js';

/** What is sent beside requests: `initialize`, notifications, and answers to what the server asks. */
export class OtherMessages {
  /** Answers that the server has not taken yet. */
  answers = 0;
  readonly #session: HttpClientSession;
  readonly #underWay = new Map<HttpPost, Deferred<void>>();

  constructor(session: HttpClientSession) {
    this.#session = session;
  }

  /** Settles when the server has taken the message; rejects with what went wrong. */
  async send(message: object): Promise<void> {
    const sent = deferred();
    const id = 'method' in message && 'id' in message ? message.id : undefined;
    const isAnswer = !('method' in message);
    const answers = isAnswer ? 1 : 0;
    const post = new HttpPost(
      this.#session,
      // All connections may be held by calls that wait for answers of ours.
      { body: JSON.stringify(message), id, isUrgent: isAnswer },
      {
        failed: (error) => sent.reject(error.cause ?? error),
        ended: () => {
          this.#underWay.delete(post);
          this.answers -= answers;
          sent.resolve();
        },
      },
    );
    this.answers += answers;
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
