import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Clock } from '../../shared/core/clock.ts';
import type { Roster } from '../../shared/identity/roster.ts';
import type { StudyPhase } from '../../shared/protocol/study-status.ts';
import type { StudyRegistry } from '../studies/registry.ts';
import type { RunningStudy } from '../studies/running-study.ts';
import type { Meter } from './meter.ts';

/** The coordinator in figures. */
export interface CoordinatorMetrics {
  readonly meter: Meter;
  /** Of {@link text}. */
  readonly contentType: string;
  /** Prometheus' text format, as of now. */
  text(): Promise<string>;
  close(): void;
}

export interface MetricsSources {
  readonly studies: StudyRegistry;
  readonly roster: () => Roster;
  /** For durations of calls. */
  readonly monotonic: Clock;
  readonly software: string;
}

const UPLOAD = '/consilium.v1.RoundsService/UploadUpdate';
/** Seconds. A long poll takes up to 25, an upload as long as the link needs. */
const CALL_BUCKETS = [0.005, 0.025, 0.1, 0.5, 2, 10, 30, 120, 600];
const EVENT_LOOP_RESOLUTION_MS = 20;
/** Digits of a study's hash that tell it from others. */
const HASH_DIGITS = 12;

const PHASES: Readonly<Record<StudyPhase, true>> = {
  declaring: true,
  idle: true,
  training: true,
  securing: true,
  merging: true,
  evaluating: true,
  paused: true,
  complete: true,
  aborted: true,
};

/**
 * Figures for Prometheus. Labels are ids of the roster, the first digits of hashes, and enumerations: nothing that a
 * caller chose, so no caller can make them many.
 */
export function coordinatorMetrics(sources: MetricsSources): CoordinatorMetrics {
  const registry = new Registry();
  const delay = monitorEventLoopDelay({ resolution: EVENT_LOOP_RESOLUTION_MS });
  delay.enable();
  addProcess(registry, sources, delay);
  addStudies(registry, sources);
  addMembers(registry, sources);
  return {
    meter: addCalls(registry, sources.monotonic),
    contentType: registry.contentType,
    text: () => registry.metrics(),
    close() {
      delay.disable();
      registry.clear();
    },
  };
}

function addProcess(registry: Registry, { software }: MetricsSources, delay: IntervalHistogram): void {
  const registers = [registry];
  new Gauge({
    name: 'consilium_build_info',
    help: 'Versions of the program; always 1.',
    labelNames: ['version', 'node'],
    registers,
  }).set({ version: software, node: process.versions.node }, 1);
  new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Memory that the process holds.',
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Gauge({
    name: 'consilium_event_loop_delay_seconds',
    help: 'Delay of the event loop since the last scrape.',
    labelNames: ['quantile'],
    registers,
    collect() {
      for (const quantile of [0.5, 0.99, 1]) {
        const nanoseconds = delay.percentile(100 * quantile);
        this.set({ quantile: String(quantile) }, Number.isFinite(nanoseconds) ? nanoseconds / 1e9 : 0);
      }
      delay.reset();
    },
  });
}

function addStudies(registry: Registry, { studies }: MetricsSources): void {
  const registers = [registry];
  new Gauge({
    name: 'consilium_studies',
    help: 'Studies by phase.',
    labelNames: ['phase'],
    registers,
    collect() {
      const phases = studies.all().map((study) => study.phase());
      for (const phase of Object.keys(PHASES)) {
        this.set({ phase }, phases.filter((each) => each === phase).length);
      }
    },
  });
  new Gauge({
    name: 'consilium_study_round',
    help: 'The open round of a study, or its last one.',
    labelNames: ['study'],
    registers,
    collect() {
      this.reset();
      for (const study of open(studies)) this.set({ study: nameOf(study) }, study.status().summary.round);
    },
  });
  new Counter({
    name: 'consilium_rounds_total',
    help: 'Rounds that ended, of all studies, by how they ended.',
    labelNames: ['outcome'],
    registers,
    collect() {
      this.reset();
      const reports = studies.all().flatMap(({ coordinator }) => {
        const state = coordinator.state();
        return state.phase === 'empty' ? [] : state.facts.reports;
      });
      for (const outcome of ['committed', 'failed']) {
        this.inc({ outcome }, reports.filter((report) => report.outcome === outcome).length);
      }
    },
  });
  new Gauge({
    name: 'consilium_study_sites',
    help: 'Sites of a study by what they were last seen to have reached.',
    labelNames: ['study', 'standing'],
    registers,
    collect() {
      this.reset();
      for (const study of open(studies)) {
        for (const { standing } of study.status().sites) this.inc({ study: nameOf(study), standing });
      }
    },
  });
  new Gauge({
    name: 'consilium_site_progress_age_seconds',
    help: 'How long ago a site was last seen to advance in a study.',
    labelNames: ['study', 'site'],
    registers,
    collect() {
      this.reset();
      for (const study of open(studies)) {
        for (const { site, ageMs } of study.status().sites) {
          this.set({ study: nameOf(study), site }, ageMs / 1000);
        }
      }
    },
  });
}

function addMembers(registry: Registry, { roster }: MetricsSources): void {
  const registers = [registry];
  new Gauge({
    name: 'consilium_roster_version',
    help: 'Version of the roster in force.',
    registers,
    collect() {
      this.set(roster().version);
    },
  });
  new Gauge({
    name: 'consilium_roster_sites',
    help: 'Sites of the roster by status.',
    labelNames: ['status'],
    registers,
    collect() {
      for (const status of ['active', 'revoked']) {
        this.set({ status }, roster().sites.filter((site) => site.status === status).length);
      }
    },
  });
}

function addCalls(registry: Registry, monotonic: Clock): Meter {
  const registers = [registry];
  const calls = new Counter({
    name: 'consilium_calls_total',
    help: 'Calls that ended, by method and code.',
    labelNames: ['method', 'code'],
    registers,
  });
  const durations = new Histogram({
    name: 'consilium_call_duration_seconds',
    help: 'How long calls took; a long poll waits for up to 25 s.',
    labelNames: ['method'],
    buckets: CALL_BUCKETS,
    registers,
  });
  const uploads = new Gauge({
    name: 'consilium_uploads_under_way',
    help: 'Uploads that are under way.',
    registers,
  });
  const bytes = new Counter({
    name: 'consilium_received_bytes_total',
    help: 'Bytes of messages that came in.',
    registers,
  });
  return {
    begin(path) {
      const method = path.slice('/consilium.v1.'.length);
      const startMs = monotonic.now();
      let isOver = false;
      if (path === UPLOAD) uploads.inc();
      return (code) => {
        if (isOver) return;
        isOver = true;
        if (path === UPLOAD) uploads.dec();
        calls.inc({ method, code });
        durations.observe({ method }, (monotonic.now() - startMs) / 1000);
      };
    },
    received: (count) => bytes.inc(count),
  };
}

/** Those that go on: the figures of an ended study would stay for ever. */
function open(studies: StudyRegistry): readonly RunningStudy[] {
  return studies.all().filter((study) => !['complete', 'aborted'].includes(study.phase()));
}

function nameOf({ hash }: RunningStudy): string {
  return hash.slice(0, HASH_DIGITS);
}
