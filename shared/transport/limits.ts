import { CHUNK_BYTES } from '../protocol/transfer.ts';

/** What gRPC takes in at most at the coordinator, per message: a chunk and what is around it. */
export const MAX_MESSAGE_BYTES = 1.25 * 2 ** 20;
/** As {@link MAX_MESSAGE_BYTES}, at a site: a stage of a secure session brings what all sites sent in the one before. */
export const MAX_REPLY_MESSAGE_BYTES = 6.25 * 2 ** 20;
/** An envelope and its place around a body. */
export const MAX_ENVELOPE_BYTES = 1024;
/** Uploads under way at once; others are turned away with `retryAfter`. */
export const MAX_UPLOADS = 4;
/** Bytes of an upload between two syncs to the disk; a stream that breaks loses at most these. */
export const DURABLE_STEP_BYTES = 8 * CHUNK_BYTES;

/** The coordinator answers a long poll by then, if only that there is nothing yet. */
export const LONG_POLL_MS = 25_000;
export const LONG_POLL_DEADLINE_MS = 40_000;
export const CONTROL_DEADLINE_MS = 10_000;
/** A transfer without a byte that became durable. */
export const TRANSFER_STALL_MS = 60_000;
/** Training at a site without a step. */
export const TRAINING_STALL_MS = 10 * 60_000;
/** A site without a signed call is shown as `away`. */
export const AWAY_MS = 5 * 60_000;

/** Pauses between tries: doubling, with full jitter. */
export const BACKOFF_MIN_MS = 1000;
export const BACKOFF_MAX_MS = 30_000;
/** Failures in a row after which a site opens a new channel. */
export const CHANNEL_FAILURES = 3;

export const MAX_CLOCK_SKEW_MS = 120_000;
/** Numbers of a session that are remembered, so that calls may run side by side. */
export const REPLAY_WINDOW = 1024;
export const SESSION_MS = 24 * 60 * 60_000;
export const CHALLENGE_MS = 60_000;

/** Bytes that a side sends before it hears from the other. */
export const FLOW_WINDOW_BYTES = 4 * 2 ** 20;

/** Options of grpc-js at both ends; the defaults are no limit at all. */
const COMMON_OPTIONS = {
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
  /** MB. */
  'grpc-node.max_session_memory': 32,
} as const;

export const COORDINATOR_OPTIONS = {
  ...COMMON_OPTIONS,
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_concurrent_streams': 16,
  'grpc.max_connection_idle_ms': 5 * 60_000,
  'grpc.max_connection_age_ms': 30 * 60_000,
  'grpc.max_connection_age_grace_ms': 5 * 60_000,
} as const;

export const SITE_OPTIONS = {
  ...COMMON_OPTIONS,
  'grpc.max_receive_message_length': MAX_REPLY_MESSAGE_BYTES,
  'grpc-node.flow_control_window': FLOW_WINDOW_BYTES,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.max_reconnect_backoff_ms': 30_000,
  /** Retries are ours: they know what may be repeated. */
  'grpc.enable_retries': 0,
} as const;
