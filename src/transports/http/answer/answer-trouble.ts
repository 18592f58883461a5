import type { WireMessage } from '../../mcp/json-rpc.js';
import type { LinkError } from '../../transport.js';

/** Why an answer has not come. */
export type AnswerTrouble =
  /**
   * The server began to answer and did not come to the end, or may give the rest later. `lastEventId` is undefined where
   * nothing came that can be resumed at, and empty where the server said that it cannot be resumed.
   */
  | { kind: 'cutOff'; error: Error; lastEventId: string | undefined; retryMs: number | undefined }
  | { kind: 'refused'; error: LinkError }
  /** It has come, and was read past. */
  | { kind: 'tooLarge'; error: LinkError };

/** Hears of one request for an answer: of one of `answered` and `failed`, once, and then of `ended`. */
export interface AnswerRequestListener {
  /** `message` is undefined where no answer is due. */
  answered(message: WireMessage | undefined): void;
  failed(trouble: AnswerTrouble): void;
  /** The request has ended, and holds nothing any more. */
  ended(): void;
}
