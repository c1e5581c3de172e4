import type { Membership } from '../../../shared/identity/membership.ts';
import { decodeFetchRostersRequest, encodeFetchRostersReply } from '../../../shared/wire/enrollment-codec.ts';
import { METHODS } from '../../../shared/wire/generated/methods.ts';
import { type Routes, route } from '../route.ts';

const FETCH = '/consilium.v1.EnrollmentService/FetchRosters';

/** The rosters, for anybody: they carry their officers' signatures. */
export function rosterRoutes(membership: Membership): Routes {
  return {
    [FETCH]: route(decodeFetchRostersRequest, encodeFetchRostersReply, ({ afterVersion }) => {
      const all = membership.after(afterVersion).map((signed) => signed.bytes);
      const rosters: Uint8Array[] = [];
      let bytes = 0;
      for (const roster of all) {
        bytes += roster.length;
        // Half of a reply: what is around them fits as well.
        if (rosters.length > 0 && bytes > METHODS[FETCH].maxReplyBytes / 2) break;
        rosters.push(roster);
      }
      return { rosters, more: rosters.length < all.length };
    }),
  };
}
