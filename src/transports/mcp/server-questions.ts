import { isRecord } from '../../json/records.js';
import { messageOf } from '../../errors.js';
import { Cancellation, type CancelSignal } from '../../time/cancellation.js';
import { RpcRefusal, type ServerQuestion } from '../transport.js';
import { invalidRequest, internalError } from './json-rpc.js';

/** Questions of one server that may wait for their answers. */
const mostOpen = 100;

/** Gives the `result` member of the answer; throws RpcRefusal to refuse it. */
export type Answerer = (question: ServerQuestion, signal: CancelSignal) => Promise<Readonly<Record<string, unknown>>>;

export type QuestionId = string | number;

/** What the server is told. */
type Answer = { readonly result: object } | { readonly error: { code: number; message: string; data?: unknown } };

export interface ServerQuestionsDependencies {
  /** Longest answer, in bytes, that may be sent. */
  readonly maxMessageBytes: number;
  /** Sends a JSON-RPC answer; must not throw. */
  readonly send: (answer: object) => void;
}

/** One question that waits for its answer. */
interface OpenQuestion {
  readonly cancellation: Cancellation;
  /** The requests under way that it may belong to; empty where it belongs to none. */
  readonly requests: Set<number>;
}

/** What a server has asked and was not answered yet. Every question is answered once, unless the server takes it back. */
export class ServerQuestions {
  readonly #dependencies: ServerQuestionsDependencies;
  readonly #open = new Map<QuestionId, OpenQuestion>();

  constructor(dependencies: ServerQuestionsDependencies) {
    this.#dependencies = dependencies;
  }

  /** @param requests those that it may belong to: when the last of them ends, it is refused */
  ask(id: QuestionId, question: ServerQuestion, requests: readonly number[], answerer: Answerer): void {
    if (this.#open.has(id))
      return this.refuse(id, invalidRequest, 'a question with this id waits for its answer already');
    if (this.#open.size >= mostOpen)
      return this.refuse(id, internalError, `${mostOpen} questions wait for their answers, and no more may`);
    const open = { cancellation: new Cancellation(), requests: new Set(requests) };
    this.#open.set(id, open);
    void this.#answer(id, open, question, answerer);
  }

  refuse(id: unknown, code: number, message: string): void {
    this.#send(id, { error: { code, message } });
  }

  /** The server does not wait for the answer any more. */
  takenBack(id: unknown): void {
    if (typeof id !== 'string' && typeof id !== 'number') return;
    const open = this.#open.get(id);
    this.#open.delete(id);
    open?.cancellation.abort(new Error('the server does not wait for the answer any more'));
  }

  requestEnded(request: number): void {
    for (const [id, { cancellation, requests }] of this.#open) {
      if (!requests.delete(request) || requests.size > 0) continue;
      const why = 'the request that it belongs to has ended';
      this.#settle(id, { error: { code: internalError, message: why } });
      cancellation.abort(new Error(why));
    }
  }

  /** The link has ended. */
  end(): void {
    const open = [...this.#open.values()];
    this.#open.clear();
    for (const { cancellation } of open) cancellation.abort(new Error('the link has ended'));
  }

  async #answer(id: QuestionId, open: OpenQuestion, question: ServerQuestion, answerer: Answerer): Promise<void> {
    let answer: Answer;
    try {
      answer = this.#answerOf(await answerer(question, open.cancellation));
    } catch (error) {
      answer = refusalFor(error);
    }
    if (this.#open.get(id) === open) this.#settle(id, answer);
  }

  #answerOf(result: unknown): Answer {
    if (!isRecord(result)) throw new TypeError('the answer is not an object');
    const bytes = Buffer.byteLength(JSON.stringify(result));
    const limit = this.#dependencies.maxMessageBytes;
    if (bytes > limit)
      throw new RpcRefusal(internalError, `the answer has ${bytes} bytes, a message may have ${limit}`);
    return { result };
  }

  #settle(id: QuestionId, answer: Answer): void {
    this.#open.delete(id);
    this.#send(id, answer);
  }

  #send(id: unknown, answer: Answer): void {
    this.#dependencies.send({ jsonrpc: '2.0', id, ...answer });
  }
}

function refusalFor(error: unknown): Answer {
  if (!(error instanceof RpcRefusal)) {
    // What else went wrong may quote addresses and payloads, which are not for the other side.
    return { error: { code: internalError, message: 'the question could not be answered' } };
  }
  const { rpcCode: code, rpcData: data } = error;
  return { error: { code, message: messageOf(error), ...(data === undefined ? {} : { data }) } };
}
