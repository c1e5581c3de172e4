/** One call of the contract. */
export interface Method {
  readonly service: string;
  readonly name: string;
  /** Message on the wire: `SignedRequest`, or that of a stream. */
  readonly request: string;
  readonly reply: string;
  /** Message in the body of the `SignedRequest`; of a stream, of its first one. */
  readonly requestBody: string;
  readonly replyBody: string;
  readonly requestStream: boolean;
  readonly replyStream: boolean;
  /** Of the body, not of the envelope around it. */
  readonly maxRequestBytes: number;
  readonly maxReplyBytes: number;
  readonly authentication: Authentication;
}

/**
 * Whose signature the envelope must carry: nobody's; that of the key that the body asks to enroll; that of a key of the
 * roster, outside of a session or within one.
 */
export type Authentication = 'none' | 'own-key' | 'roster-key' | 'session';

/** The calls by their full path, `/consilium.v1.RoundsService/Declare`. */
export type MethodTable = Readonly<Record<string, Method>>;
