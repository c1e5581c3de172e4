import type { BlockId, ContentHash, SiteId } from '../core/ids.ts';

/** What is summed in a secure session; two purposes never share a session or a grant. */
export type SecurePurpose = 'census' | 'train' | 'evaluate' | 'final-test' | 'vote';

/** What every participant of a session must agree on before it starts (`secure-aggregation.md` §6). */
export interface SecureContext {
  readonly studyHash: ContentHash;
  readonly round: number;
  /** From 1; another attempt sums the same vectors under fresh secrets. */
  readonly attempt: number;
  readonly purpose: SecurePurpose;
  /**
   * From 1: sums what was summed for the purpose before, weighed by what that sum revealed. Absent: the first sum of the
   * round, by the registered weights.
   */
  readonly iteration?: number;
  /** Of the consortium's roster. */
  readonly rosterVersion: number;
  /** Of the model that the vectors start from. */
  readonly modelHash: ContentHash;
  /** By id, each once. */
  readonly blocks: readonly SecureBlock[];
}

export interface SecureBlock {
  readonly block: BlockId;
  /** Coordinates of a vector, header included. */
  readonly length: number;
  /** C_b; 0 where vectors are counts. */
  readonly clip: number;
  /** W_b; 0 where vectors are counts. */
  readonly registered: number;
  readonly censusEpoch: number;
  /** The coordinator's own floor; the holders' values can only raise it. */
  readonly kMin: number;
  /** Content that the vectors start from. */
  readonly base: ContentHash;
  /** There where the context has an iteration. */
  readonly earlier?: EarlierSum;
}

/** What the iteration before revealed of a block. */
export interface EarlierSum {
  /** TH of the session that revealed it. */
  readonly transcript: ContentHash;
  /** SHA-256 of Q as int32 little-endian, without a header; with `weight`, the mean that sites weigh their deltas by. */
  readonly sum: ContentHash;
  /** A. */
  readonly weight: number;
  /** By id. The block is summed again over these very sites, or not at all. */
  readonly survivors: readonly SiteId[];
}

/** What a message of a session is; part of what its signature covers. */
export type SecureMessageType =
  | 'advertisement'
  | 'transcript'
  | 'shares'
  | 'confirmation'
  | 'masked'
  | 'agreement'
  | 'unmasking';

/** A site's message, its body as it was sent. */
export interface SecureMessage {
  readonly site: SiteId;
  readonly body: Uint8Array;
  /** 64 bytes, the site's enrolled key. */
  readonly signature: Uint8Array;
}

/** R0. */
export interface Advertisement {
  readonly session: ContentHash;
  /** X25519, 32 bytes: for boxes of shares. */
  readonly boxKey: Uint8Array;
  /** Of the blocks that the site holds, by id. None: a helper, which holds shares only. */
  readonly blocks: readonly AdvertisedBlock[];
}

export interface AdvertisedBlock {
  readonly block: BlockId;
  /** X25519, 32 bytes. */
  readonly maskKey: Uint8Array;
  /** Fewest survivors that the site lets its vector be summed with. */
  readonly kMin: number;
}

/** R1. Peers are meant by their place in the session's participants. */
export interface SharesMessage {
  readonly session: ContentHash;
  /** Of a message of the type `transcript`, whose body is the transcript's hash. */
  readonly transcriptSignature: Uint8Array;
  /** One for each other participant, in order. */
  readonly boxes: readonly PeerBox[];
  /** By block. */
  readonly commitments: readonly BlockCommitments[];
}

export interface PeerBox {
  readonly peer: SiteId;
  /** Nonce and box over {@link SharedSecrets}. */
  readonly sealed: Uint8Array;
}

export interface BlockCommitments {
  readonly block: BlockId;
  /** 32 bytes: to the self-seed. */
  readonly seed: Uint8Array;
  /** 32 bytes for each participant, in order: to its share of the mask key. */
  readonly keyShares: Uint8Array;
  /** As `keyShares`, of the self-seed. */
  readonly seedShares: Uint8Array;
}

/** What a box holds: everything that it is about is inside, since a box has no associated data. */
export interface SharedSecrets {
  readonly transcript: ContentHash;
  readonly from: SiteId;
  readonly to: SiteId;
  readonly blocks: readonly BlockShares[];
}

/** Shares of 33 bytes, the last of which is the place on the polynomial. */
export interface BlockShares {
  readonly block: BlockId;
  readonly keyShare: Uint8Array;
  readonly seedShare: Uint8Array;
}

/** What the coordinator passes on of one peer's shares to one participant. */
export interface Delivery {
  readonly from: SiteId;
  readonly transcriptSignature: Uint8Array;
  /** Empty for the participant's own. */
  readonly sealed: Uint8Array;
  readonly commitments: readonly DeliveredCommitments[];
}

/** Commitments to the two shares that the participant is to hold; 32 bytes each. */
export interface DeliveredCommitments {
  readonly block: BlockId;
  readonly keyShare: Uint8Array;
  readonly seedShare: Uint8Array;
}

/** R1c: whose shares the site verified. */
export interface Confirmation {
  readonly session: ContentHash;
  /** By block. */
  readonly blocks: readonly ConfirmedBlock[];
}

export interface ConfirmedBlock {
  readonly block: BlockId;
  /** A bit for each participant, in order. */
  readonly holders: Uint8Array;
}

/** R2: what the site's upload holds. */
export interface MaskedManifest {
  readonly session: ContentHash;
  /** By id. */
  readonly blocks: readonly MaskedBlock[];
}

export interface MaskedBlock {
  readonly block: BlockId;
  /** Hash of the cohort that the vector is masked for. */
  readonly cohort: ContentHash;
  readonly length: number;
  /** SHA-256 of the masked vector's little-endian bytes. */
  readonly vector: ContentHash;
}

/** R2.5: who survived, block by block. */
export interface Agreement {
  readonly session: ContentHash;
  readonly transcript: ContentHash;
  readonly blocks: readonly SurvivingBlock[];
}

export interface SurvivingBlock {
  readonly block: BlockId;
  /** By id. */
  readonly survivors: readonly SiteId[];
}

/** {@link Agreement} as it is signed: the same bytes at every site. */
export interface AgreementMessage {
  readonly session: ContentHash;
  readonly transcript: ContentHash;
  readonly blocks: readonly {
    readonly block: BlockId;
    /** A bit for each participant, in order. */
    readonly survivors: Uint8Array;
  }[];
}

/** R3. Which kind a share is follows from the agreement: there is no field to ask for the other. */
export interface Unmasking {
  readonly session: ContentHash;
  /** By block. */
  readonly blocks: readonly UnmaskedBlock[];
}

export interface UnmaskedBlock {
  readonly block: BlockId;
  /** 33 bytes for each member of the block's confirmed cohort, in order; zeros where the site holds none. */
  readonly shares: Uint8Array;
}

/** What the coordinator asks of a participant; each stage carries what the one before collected. */
export type SecureTask =
  | { readonly kind: 'advertise'; readonly context: SecureContext }
  | { readonly kind: 'share'; readonly advertisements: readonly SecureMessage[] }
  | { readonly kind: 'confirm'; readonly deliveries: readonly Delivery[] }
  | { readonly kind: 'mask'; readonly confirmations: readonly SecureMessage[] }
  /** With the confirmations, for a participant that was away while vectors were collected. */
  | {
      readonly kind: 'agree';
      readonly confirmations: readonly SecureMessage[];
      readonly manifests: readonly SecureMessage[];
    }
  | { readonly kind: 'unmask'; readonly agreements: readonly SecureMessage[] };
