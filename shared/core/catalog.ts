/** What a code means to programs (`status`, `exit`, `retryable`) and to anyone who may read it (`publicMessage`). */
export interface ErrorSpec {
  readonly status:
    | 'INVALID_ARGUMENT'
    | 'FAILED_PRECONDITION'
    | 'NOT_FOUND'
    | 'ALREADY_EXISTS'
    | 'PERMISSION_DENIED'
    | 'UNAUTHENTICATED'
    | 'RESOURCE_EXHAUSTED'
    | 'OUT_OF_RANGE'
    | 'UNIMPLEMENTED'
    | 'DEADLINE_EXCEEDED'
    | 'ABORTED'
    | 'UNAVAILABLE'
    | 'DATA_LOSS'
    | 'INTERNAL';
  /** Exit code of a command that ends with it: 1 the job, 2 connection, 3 timeout, 4 configuration, 5 internal. */
  readonly exit: 1 | 2 | 3 | 4 | 5;
  readonly retryable: boolean;
  /** Carries no value at all, so it may be shown to anyone. */
  readonly publicMessage: string;
  /** The message itself is about what the caller sent, and may be told to that caller. Else only the public one is. */
  readonly told?: true;
}

/** Every error that the project throws on purpose. A code is never renamed or reused; each has a page in `docs/errors/`. */
export const ERROR_CATALOG = {
  BAD_ARGUMENT: {
    status: 'INVALID_ARGUMENT',
    exit: 4,
    retryable: false,
    publicMessage: 'An argument of the command is not understood.',
  },
  BAD_ID: {
    status: 'INVALID_ARGUMENT',
    exit: 4,
    retryable: false,
    publicMessage: 'An identifier has the wrong form.',
  },
  STUDY_INVALID: {
    status: 'INVALID_ARGUMENT',
    exit: 4,
    retryable: false,
    publicMessage: 'The study file has faults.',
  },
  SITE_FILE_INVALID: {
    status: 'INVALID_ARGUMENT',
    exit: 4,
    retryable: false,
    publicMessage: 'A site file has faults.',
  },
  FILE_UNREADABLE: {
    status: 'NOT_FOUND',
    exit: 4,
    retryable: false,
    publicMessage: 'A file or folder cannot be read.',
  },
  DATA_INVALID: {
    status: 'FAILED_PRECONDITION',
    exit: 4,
    retryable: false,
    publicMessage: "A site's data does not fit the study.",
  },
  NO_PATIENTS: {
    status: 'FAILED_PRECONDITION',
    exit: 4,
    retryable: false,
    publicMessage: 'No patient is left to train on.',
  },
  NO_HOLDER: {
    status: 'FAILED_PRECONDITION',
    exit: 4,
    retryable: false,
    publicMessage: 'A modality of the study is held by no site.',
  },
  ONE_CLASS: {
    status: 'FAILED_PRECONDITION',
    exit: 4,
    retryable: false,
    publicMessage: 'All training patients of the federation have the same label.',
  },
  NO_EVENT: {
    status: 'FAILED_PRECONDITION',
    exit: 4,
    retryable: false,
    publicMessage: 'No training patient of the federation has an event.',
  },
  EMPTY_PATTERN: {
    status: 'INVALID_ARGUMENT',
    exit: 4,
    retryable: false,
    publicMessage: 'A patient has none of the modalities of the model.',
  },
  NOT_FINITE: {
    status: 'FAILED_PRECONDITION',
    exit: 1,
    retryable: false,
    publicMessage: 'A number is not finite or out of its range.',
  },
  BAD_CONTRIBUTION: {
    status: 'INVALID_ARGUMENT',
    exit: 1,
    retryable: false,
    publicMessage: 'An update does not fit the round and was refused.',
    told: true,
  },
  AGGREGATE_OUT_OF_RANGE: {
    status: 'ABORTED',
    exit: 1,
    retryable: false,
    publicMessage: 'A merged sum is out of its range; the block keeps its weights.',
  },
  ROBUST_PRECONDITION: {
    status: 'FAILED_PRECONDITION',
    exit: 4,
    retryable: false,
    publicMessage: 'Too few holders for the chosen robust merging.',
  },
  NO_QUORUM: {
    status: 'ABORTED',
    exit: 1,
    retryable: true,
    publicMessage: 'Too few sites answered in the round.',
  },
  STATE_CORRUPT: {
    status: 'DATA_LOSS',
    exit: 1,
    retryable: false,
    publicMessage: 'Stored state does not match its hash.',
  },
  STATE_MISMATCH: {
    status: 'FAILED_PRECONDITION',
    exit: 4,
    retryable: false,
    publicMessage: 'The stored state belongs to another study or other settings.',
  },
  BACKEND_UNAVAILABLE: {
    status: 'FAILED_PRECONDITION',
    exit: 4,
    retryable: false,
    publicMessage: 'The requested compute backend cannot be used on this machine.',
  },
  BUNDLE_INVALID: {
    status: 'INVALID_ARGUMENT',
    exit: 4,
    retryable: false,
    publicMessage: 'A model bundle is damaged or does not fit.',
  },
  ASSET_MISMATCH: {
    status: 'FAILED_PRECONDITION',
    exit: 4,
    retryable: false,
    publicMessage: 'A file beside the study is not the one that the study names.',
  },
  ASSET_INVALID: {
    status: 'INVALID_ARGUMENT',
    exit: 4,
    retryable: false,
    publicMessage: 'A tokenizer or frozen encoder of the study cannot be used.',
  },
  WEIGHTS_INVALID: {
    status: 'INVALID_ARGUMENT',
    exit: 4,
    retryable: false,
    publicMessage: 'A file of weights is damaged or does not fit the study.',
  },
  WIRE_INVALID: {
    status: 'INVALID_ARGUMENT',
    exit: 2,
    retryable: false,
    publicMessage: 'A message does not follow the protocol and was refused.',
    told: true,
  },
  UNAUTHENTICATED: {
    status: 'UNAUTHENTICATED',
    exit: 2,
    retryable: false,
    publicMessage: 'The sender of a request could not be established.',
  },
  PERMISSION_DENIED: {
    status: 'PERMISSION_DENIED',
    exit: 2,
    retryable: false,
    publicMessage: 'The sender of a request may not do this.',
    told: true,
  },
  INCOMPATIBLE: {
    status: 'UNIMPLEMENTED',
    exit: 2,
    retryable: false,
    publicMessage: 'The two sides have no version of the protocol in common.',
    told: true,
  },
  UNREACHABLE: {
    status: 'UNAVAILABLE',
    exit: 2,
    retryable: true,
    publicMessage: 'The other side cannot be reached.',
  },
  TIMED_OUT: {
    status: 'DEADLINE_EXCEEDED',
    exit: 3,
    retryable: true,
    publicMessage: 'The other side did not answer in time.',
  },
  BUSY: {
    status: 'RESOURCE_EXHAUSTED',
    exit: 2,
    retryable: true,
    publicMessage: 'The other side has too much to do; try again later.',
  },
  COORDINATOR_FILE_INVALID: {
    status: 'INVALID_ARGUMENT',
    exit: 4,
    retryable: false,
    publicMessage: 'The file of a coordinator has faults.',
  },
  SESSION_CLOSED: {
    status: 'UNAUTHENTICATED',
    exit: 2,
    retryable: true,
    publicMessage: 'The session has ended; a new one is needed.',
    told: true,
  },
  FENCED: {
    status: 'FAILED_PRECONDITION',
    exit: 2,
    retryable: false,
    publicMessage: 'A newer daemon with the same identity has taken over.',
    told: true,
  },
  CLOCK_SKEW: {
    status: 'UNAUTHENTICATED',
    exit: 2,
    retryable: false,
    publicMessage: 'The clocks of the two sides are too far apart.',
    told: true,
  },
  REPLAY_MISMATCH: {
    status: 'ABORTED',
    exit: 2,
    retryable: false,
    publicMessage: 'The number of a request was used before, for something else.',
    told: true,
  },
  REVOKED: {
    status: 'PERMISSION_DENIED',
    exit: 2,
    retryable: false,
    publicMessage: 'The sender is no longer a member of the consortium.',
    told: true,
  },
  SECURE_SESSION_REFUSED: {
    status: 'FAILED_PRECONDITION',
    exit: 1,
    retryable: false,
    publicMessage: 'A message of a secure session does not fit what its reader knows; nothing was revealed.',
    told: true,
  },
  SECURE_SESSION_FAILED: {
    status: 'ABORTED',
    exit: 1,
    retryable: true,
    publicMessage: 'A secure session ended before its sum could be revealed.',
  },
  EQUIVOCATION: {
    status: 'FAILED_PRECONDITION',
    exit: 2,
    retryable: false,
    publicMessage: 'The same contribution was sent twice with different content.',
    told: true,
  },
  MODEL_CHAIN_BROKEN: {
    status: 'FAILED_PRECONDITION',
    exit: 2,
    retryable: false,
    publicMessage: 'A published model does not follow from the one before it and the published sum.',
    told: true,
  },
  UNKNOWN_STUDY: {
    status: 'NOT_FOUND',
    exit: 2,
    retryable: false,
    publicMessage: 'The coordinator has no such study.',
    told: true,
  },
  COORDINATOR_ROLLED_BACK: {
    status: 'FAILED_PRECONDITION',
    exit: 2,
    retryable: false,
    publicMessage: 'The coordinator stands at an earlier round than one that it vouched for.',
  },
  POLICY_INVALID: {
    status: 'INVALID_ARGUMENT',
    exit: 4,
    retryable: false,
    publicMessage: "A site's policy file has faults.",
  },
  POLICY_REFUSED: {
    status: 'PERMISSION_DENIED',
    exit: 1,
    retryable: false,
    publicMessage: "A site's policy does not allow this.",
  },
  NOT_REVIEWED: {
    status: 'FAILED_PRECONDITION',
    exit: 4,
    retryable: false,
    publicMessage: 'A study is approved only after it was reviewed at the site.',
  },
  ROSTER_INVALID: {
    status: 'FAILED_PRECONDITION',
    exit: 4,
    retryable: false,
    publicMessage: 'A roster is not one that this party may accept.',
    told: true,
  },
  REQUEST_INVALID: {
    status: 'INVALID_ARGUMENT',
    exit: 4,
    retryable: false,
    publicMessage: 'A request for admission is damaged or not signed by its own keys.',
    told: true,
  },
  INVITATION_REFUSED: {
    status: 'PERMISSION_DENIED',
    exit: 2,
    retryable: false,
    publicMessage: 'The token is wrong, used up, too old or locked.',
  },
  WORDS_MISMATCH: {
    status: 'FAILED_PRECONDITION',
    exit: 4,
    retryable: false,
    publicMessage: 'The words of a fingerprint are not the expected ones.',
  },
  CERTIFICATE_REFUSED: {
    status: 'UNAUTHENTICATED',
    exit: 2,
    retryable: false,
    publicMessage: 'A certificate does not stand up to verification.',
  },
  UNSAFE_PERMISSIONS: {
    status: 'FAILED_PRECONDITION',
    exit: 4,
    retryable: false,
    publicMessage: 'A file or folder of secrets is open to others.',
  },
  KEY_UNREADABLE: {
    status: 'FAILED_PRECONDITION',
    exit: 4,
    retryable: false,
    publicMessage: 'A key file is damaged or of another kind.',
  },
  LOW_ORDER_KEY: {
    status: 'INVALID_ARGUMENT',
    exit: 2,
    retryable: false,
    publicMessage: 'A key of a secure session would make its secrets known to everyone.',
  },
  PASSPHRASE_WRONG: {
    status: 'FAILED_PRECONDITION',
    exit: 4,
    retryable: false,
    publicMessage: 'A sealed key needs another passphrase.',
  },
  PRIVACY_INVALID: {
    status: 'INVALID_ARGUMENT',
    exit: 4,
    retryable: false,
    publicMessage: 'A setting of privacy is outside of what can be accounted for.',
  },
  DP_TASK_UNSUPPORTED: {
    status: 'INVALID_ARGUMENT',
    exit: 4,
    retryable: false,
    publicMessage: 'The task of the study cannot be trained with noise on each patient.',
  },
  BUDGET_EXHAUSTED: {
    status: 'RESOURCE_EXHAUSTED',
    exit: 1,
    retryable: false,
    publicMessage: 'The privacy budget of a site is spent.',
  },
  LEDGER_DAMAGED: {
    status: 'DATA_LOSS',
    exit: 1,
    retryable: false,
    publicMessage: 'The ledger of spent privacy budget is missing or was changed.',
  },
  INTERRUPTED: {
    status: 'ABORTED',
    exit: 1,
    retryable: true,
    publicMessage: 'The work was stopped on request and can be resumed.',
  },
  INTERNAL: {
    status: 'INTERNAL',
    exit: 5,
    retryable: false,
    publicMessage: 'A fault of the program itself.',
  },
} as const satisfies Record<string, ErrorSpec>;

export type ErrorCode = keyof typeof ERROR_CATALOG;
