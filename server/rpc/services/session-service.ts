import { signLasting } from '../../../shared/identity/envelope.ts';
import { commonVersion, type ProtocolWindow } from '../../../shared/protocol/session.ts';
import { SESSION_MS } from '../../../shared/transport/limits.ts';
import { encodeDone } from '../../../shared/wire/envelope-codec.ts';
import {
  decodeChallengeRequest,
  decodeCloseSessionRequest,
  decodeOpenSessionRequest,
  encodeChallengeReply,
  encodeOpenSessionReply,
} from '../../../shared/wire/session-codec.ts';
import { encodeStudyHead } from '../../../shared/wire/study-codec.ts';
import type { StudyRegistry } from '../../studies/registry.ts';
import type { FrontDesk } from '../desk.ts';
import { type Routes, route } from '../route.ts';

/** Heads that fit a reply. */
const MAX_HEADS = 256;

export function sessionRoutes(
  desk: FrontDesk,
  tools: {
    readonly studies: StudyRegistry;
    /** What this coordinator speaks. */
    readonly protocol: ProtocolWindow;
    readonly software: string;
  },
): Routes {
  return {
    '/consilium.v1.SessionService/RequestChallenge': route(
      decodeChallengeRequest,
      encodeChallengeReply,
      (_request, { role, id }) => ({ challenge: desk.sessions.challenge(role, id) }),
    ),
    '/consilium.v1.SessionService/OpenSession': route(
      decodeOpenSessionRequest,
      encodeOpenSessionReply,
      async ({ challenge, protocol, software }, { role, id }) => {
        const version = commonVersion(tools.protocol, protocol);
        const session = desk.sessions.open(role, id, challenge);
        await desk.audit('session.opened', { role, id, fence: session.fence, software });
        const concerned = tools.studies
          .all()
          .filter(({ file }) => role !== 'site' || file.record.sites.some((site) => site === id));
        const heads = await Promise.all(
          concerned
            .slice(-MAX_HEADS)
            .map(async (study) =>
              signLasting(desk.signer, 'study-head', encodeStudyHead(await study.head())),
            ),
        );
        return {
          session: session.id,
          fence: session.fence,
          expiresMs: desk.clock.now() + SESSION_MS,
          protocol: tools.protocol,
          version,
          heads,
          software: tools.software,
        };
      },
    ),
    '/consilium.v1.SessionService/CloseSession': route(
      decodeCloseSessionRequest,
      encodeDone,
      async (_request, { role, id, session }) => {
        if (session !== undefined) desk.sessions.close(session);
        await desk.audit('session.closed', { role, id });
        return undefined;
      },
    ),
  };
}
