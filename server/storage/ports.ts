import type { ContentHash } from '../../shared/core/ids.ts';

/** An event that is about to be stored. */
export interface NewEvent {
  /** Milliseconds since the epoch, by the coordinator's clock. */
  readonly timeMs: number;
  /** Stable tag, e.g. `contribution.accepted`; never a file or class name. */
  readonly type: string;
  /** Of the payload's form; old ones are lifted when read. */
  readonly version: number;
  readonly round: number;
  /** Unique in the store: the same fact cannot be stored twice. */
  readonly key: string;
  /** JSON. Names tensors by their content hash and never holds one. */
  readonly payload: string;
}

export interface StoredEvent extends NewEvent {
  /** 1, 2, 3, ... without gaps. */
  readonly seq: number;
  /** `hash` of the event before; 64 zeros for the first. */
  readonly prev: ContentHash;
  /** SHA-256 over `prev` and the other fields, so that a changed row breaks the chain. */
  readonly hash: ContentHash;
}

/** The last event of a store; seq 0 and 64 zeros where there is none. */
export type EventHead = Pick<StoredEvent, 'seq' | 'hash'>;

/** The append-only table that a study's state is replayed from. One writer. */
export interface EventStore {
  /**
   * Appends all events or none. MUST be durable when it resolves.
   * @throws ConsiliumError `STATE_MISMATCH` where a key is stored already; nothing is appended then.
   */
  append(events: readonly NewEvent[]): Promise<void>;
  /** The events above a seq, all of them unless given, in order, as stored; the reader verifies the chain. */
  read(afterSeq?: number): Promise<readonly StoredEvent[]>;
  head(): Promise<EventHead>;
  close(): Promise<void>;
}

/** Bytes under their SHA-256. */
export interface BlobStore {
  /** Whether what it holds outlives the process. */
  readonly durable: boolean;
  /** MUST be durable when it resolves. The same bytes twice are stored once. `bytes` are Given: nobody writes to them again. */
  put(bytes: Uint8Array): Promise<ContentHash>;
  /** As `put`, of a file that is on the disk and was found to have this hash; it is the store's from then on. */
  takeOver(file: { readonly path: string; readonly hash: ContentHash }): Promise<void>;
  /**
   * Borrowed: the caller must not write to it. Starts at a multiple of 4 in its buffer.
   * @throws ConsiliumError `STATE_CORRUPT` where it is missing or its bytes do not match `hash`.
   */
  get(hash: ContentHash): Promise<Uint8Array>;
  /** Whether a blob of that name is there; its bytes are not read. */
  has(hash: ContentHash): Promise<boolean>;
  /** Deletes every blob that is not named. */
  retainOnly(keep: ReadonlySet<ContentHash>): Promise<void>;
}

export interface StudyStore {
  readonly events: EventStore;
  readonly blobs: BlobStore;
}
