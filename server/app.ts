import { join } from 'node:path';
import type { Clock } from '../shared/core/clock.ts';
import { ConsiliumError } from '../shared/core/errors.ts';
import type { SiteId } from '../shared/core/ids.ts';
import type { SecureRandom } from '../shared/crypto/random.ts';
import { signLasting } from '../shared/identity/envelope.ts';
import type { Membership } from '../shared/identity/membership.ts';
import { isMember, isTrial, keyOf } from '../shared/identity/roster.ts';
import { openSignedStudy } from '../shared/identity/signed-study.ts';
import type { Signer } from '../shared/identity/signer.ts';
import { type AuditHead, PROTOCOL, type ProtocolWindow } from '../shared/protocol/session.ts';
import type { SignedStudy } from '../shared/protocol/study-status.ts';
import type { AssetReader } from '../shared/study/assets.ts';
import { keysInUse } from './enrollment/keys-in-use.ts';
import { coordinatorMetrics } from './metrics/coordinator-metrics.ts';
import { type MetricsServer, serveMetrics } from './metrics/metrics-server.ts';
import type { RoundPolicy } from './rounds/policy.ts';
import type { AuditSink, FrontDesk } from './rpc/desk.ts';
import { type Listener, listen } from './rpc/serve.ts';
import { auditRoutes } from './rpc/services/audit-service.ts';
import { type Enrollment, enrollmentRoutes } from './rpc/services/enrollment-service.ts';
import { operatorRoutes } from './rpc/services/operator-service.ts';
import { rosterRoutes } from './rpc/services/roster-service.ts';
import { roundsRoutes } from './rpc/services/rounds-service.ts';
import { sessionRoutes } from './rpc/services/session-service.ts';
import { studyRoutes } from './rpc/services/study-service.ts';
import { sessions } from './rpc/sessions.ts';
import { siteWitnesses } from './storage/site-witnesses.ts';
import { openRegistry, type StudyRegistry } from './studies/registry.ts';

export interface CoordinatorSetup {
  /** Holds `studies/`. */
  readonly folder: string;
  readonly listen: {
    /** `host:port` where sites train: mutual TLS. */
    readonly sites: string;
    /** `host:port` for leads, the operator and sites that enroll: one-way TLS, signed requests. Undefined: no such door. */
    readonly people: string | undefined;
  };
  /** The coordinator's own, role `coordinator`. */
  readonly signer: Signer;
  /** PEM. */
  readonly tls: { readonly key: string; readonly chain: string; readonly siteRoot: string };
  readonly membership: Membership;
  /** Undefined: nobody enrolls here, and no certificate is issued. */
  readonly enrollment?: Enrollment;
  readonly assets: AssetReader;
  readonly policy?: Partial<RoundPolicy>;
  /** An upload or download that does not move for so long is ended; a minute unless given. */
  readonly transferStallMs?: number;
  readonly clock: Clock;
  /** For waits; never set. */
  readonly monotonic: Clock;
  readonly random: SecureRandom;
  readonly audit: AuditSink;
  /** Undefined: no heads are exchanged. */
  readonly auditHeads?: {
    /** Of the coordinator's own log, signed now. */
    head(): Promise<AuditHead | undefined>;
    /** Where the sites' are kept. */
    readonly folder: string;
  };
  /** `host:port` of the figures; undefined: none. */
  readonly metrics?: string | undefined;
  readonly software: string;
  /** What this coordinator speaks; that of the release unless given. */
  readonly protocol?: ProtocolWindow;
  /** Told of what fails beside any call; the coordinator goes on. */
  readonly onFault: (error: unknown) => void;
}

export interface RunningCoordinator {
  readonly ports: {
    readonly sites: number;
    readonly people: number | undefined;
    readonly metrics: number | undefined;
  };
  readonly studies: StudyRegistry;
  /** Shows another certificate, PEM, at both doors from now on; calls under way stay. */
  showCertificate(tls: { readonly key: string; readonly chain: string }): void;
  /** Drains calls for at most `graceMs`, then closes the stores. */
  stop(graceMs?: number): Promise<void>;
}

const TICK_MS = 1000;
const DRAIN_MS = 10_000;
/** Merging a large model holds a tick up for minutes; longer, and something hangs. */
const HUNG_MS = 5 * 60_000;

/**
 * The coordinator, with every study that it ever started, behind its doors.
 * @throws ConsiliumError `STATE_CORRUPT`, `STATE_MISMATCH`, `UNREACHABLE`.
 */
export async function startCoordinator(setup: CoordinatorSetup): Promise<RunningCoordinator> {
  const { membership, clock, monotonic, signer, tls } = setup;
  const roster = () => membership.current();
  const studies = await openRegistry({
    folder: join(setup.folder, 'studies'),
    open: (signed) => openedStudy(signed, membership),
    assets: setup.assets,
    clock,
    monotonic,
    ...(setup.policy && { policy: setup.policy }),
    isMember: (site: SiteId) => isMember(roster(), 'site', site),
    secure: {
      keyOf: (site) => keyOf(roster(), 'site', site),
      storedKeyOf: (site) => roster().sites.find(({ id }) => id === site)?.key,
      rosterVersion: () => roster().version,
      signRecord: (content) => signLasting(signer, 'round-record', content),
    },
    onSecure: ({ type, data }) => {
      setup.audit(type, data).catch(setup.onFault);
    },
    consortium: () => `${roster().consortium}${isTrial(roster()) ? ' (trial)' : ''}`,
    software: setup.software,
  });
  const held = sessions({ clock: monotonic, random: setup.random, firstFence: clock.now() });
  const onTlsKey = keysInUse(roster, (site) => {
    setup.audit('enrollment.key-in-use', { site }).catch(setup.onFault);
  });
  const desk: FrontDesk = { roster, sessions: held, clock, signer, audit: setup.audit, onTlsKey };
  const forgetFormer = membership.onChange(() =>
    held.closeUnless((role, id) => isMember(roster(), role, id)),
  );
  const common = {
    ...rosterRoutes(membership),
    ...sessionRoutes(desk, { studies, protocol: setup.protocol ?? PROTOCOL, software: setup.software }),
    ...studyRoutes(desk, studies),
    ...operatorRoutes(desk, studies),
  };
  const enrolling =
    setup.enrollment === undefined ? undefined : enrollmentRoutes(desk, setup.enrollment, membership);
  const witnesses = setup.auditHeads && siteWitnesses(setup.auditHeads.folder);
  const auditing =
    setup.auditHeads && witnesses && auditRoutes(desk, { head: setup.auditHeads.head, witnesses, monotonic });
  const figures =
    setup.metrics === undefined
      ? undefined
      : coordinatorMetrics({ studies, roster, monotonic, software: setup.software });
  let tickedMs = monotonic.now();
  let metricsServer: MetricsServer | undefined;
  const doors: Listener[] = [];

  async function close(graceMs: number): Promise<void> {
    await Promise.all(doors.map((door) => door.close(graceMs)));
    await metricsServer?.close();
    figures?.close();
    await witnesses?.close();
  }

  try {
    doors.push(
      await listen({
        address: setup.listen.sites,
        tls: { key: tls.key, chain: tls.chain, clientRoot: tls.siteRoot },
        routes: { ...common, ...roundsRoutes(desk, studies), ...enrolling?.sites, ...auditing },
        studies,
        transferStallMs: setup.transferStallMs,
        desk,
        meter: figures?.meter,
      }),
    );
    if (setup.listen.people !== undefined) {
      doors.push(
        await listen({
          address: setup.listen.people,
          tls: { key: tls.key, chain: tls.chain, clientRoot: undefined },
          routes: { ...common, ...enrolling?.people },
          studies: undefined,
          desk,
          meter: figures?.meter,
        }),
      );
    }
    if (setup.metrics !== undefined && figures !== undefined) {
      metricsServer = await serveMetrics({
        address: setup.metrics,
        metrics: figures,
        isHealthy: () => monotonic.now() - tickedMs < HUNG_MS,
      });
    }
  } catch (error) {
    await close(0);
    await studies.close();
    throw error;
  }

  let ticking: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    ticking = ticking
      .then(async () => {
        await studies.tick();
        tickedMs = monotonic.now();
      })
      .catch(setup.onFault);
  }, TICK_MS);

  return {
    ports: { sites: doors[0]?.port as number, people: doors[1]?.port, metrics: metricsServer?.port },
    studies,
    showCertificate(next) {
      for (const door of doors) door.show(next);
    },
    async stop(graceMs = DRAIN_MS) {
      clearInterval(timer);
      forgetFormer();
      const leaving = new ConsiliumError('SESSION_CLOSED', 'the coordinator stops');
      held.closeAll(leaving);
      await close(graceMs);
      await ticking;
      // A study may have been completed since the last look: its model is written now.
      await studies.tick().catch(setup.onFault);
      await studies.close();
    },
  };
}

function openedStudy(
  signed: SignedStudy,
  membership: Membership,
): ReturnType<Parameters<typeof openRegistry>[0]['open']> {
  const { opened, problems } = openSignedStudy(signed, keyOf(membership.current(), 'lead', signed.lead));
  if (opened !== undefined) return opened;
  throw new ConsiliumError('STUDY_INVALID', `signed study: ${problems.join('; ')}`);
}
