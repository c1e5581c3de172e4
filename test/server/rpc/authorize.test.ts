import { describe, expect, it } from 'vitest';
import { authorize, type MethodPath, speaksForItself } from '../../../server/rpc/authorize.ts';
import { ConsiliumError } from '../../../shared/core/errors.ts';
import type { Role } from '../../../shared/protocol/envelope.ts';
import { METHODS } from '../../../shared/wire/generated/methods.ts';

const PATHS = Object.keys(METHODS) as MethodPath[];
const ROLES: readonly Role[] = ['site', 'lead', 'operator', 'officer', 'coordinator'];
const DENIED = { code: 'PERMISSION_DENIED' };

function mayCall(path: MethodPath, role: Role): boolean {
  try {
    authorize(path, { role, id: 'someone', session: undefined });
    return true;
  } catch (error) {
    if (error instanceof ConsiliumError && error.code === 'PERMISSION_DENIED') return false;
    throw error;
  }
}

/** Who may do what, by service: written down a second time, by hand. */
const TABLE: Readonly<Record<string, readonly Role[]>> = {
  'SessionService/RequestChallenge': ['site', 'lead', 'operator', 'officer'],
  'SessionService/OpenSession': ['site', 'lead', 'operator', 'officer'],
  'SessionService/CloseSession': ['site', 'lead', 'operator', 'officer'],
  'SessionService/ExchangeAuditHeads': ['site'],
  'RoundsService/*': ['site'],
  'StudyService/ListStudies': ['site', 'lead', 'operator'],
  'StudyService/FetchStudy': ['site', 'lead', 'operator'],
  'StudyService/*': ['site'],
  'OperatorService/StartStudy': ['lead'],
  'OperatorService/AbortStudy': ['lead'],
  'OperatorService/PauseStudy': ['lead', 'operator'],
  'OperatorService/ResumeStudy': ['lead', 'operator'],
  'OperatorService/FetchStatus': ['site', 'lead', 'operator'],
  'OperatorService/WatchStudy': ['site', 'lead', 'operator'],
  'EnrollmentService/FetchRosters': ROLES,
  'EnrollmentService/RequestEnrollment': ['site'],
  'EnrollmentService/AwaitCertificate': ['site'],
  'EnrollmentService/RenewCertificate': ['site'],
  'EnrollmentService/*': ['officer'],
};

describe('the table of who may call what', () => {
  it('has a line for every call of the contract', () => {
    const uncallable = PATHS.filter((path) => !ROLES.some((role) => mayCall(path, role)));
    expect(uncallable).toEqual([]);
  });

  it.each(PATHS)('%s is for the roles of the paper and no other', (path) => {
    const { service, name } = METHODS[path];
    const expected = TABLE[`${service}/${name}`] ?? TABLE[`${service}/*`];
    expect(ROLES.filter((role) => mayCall(path, role))).toEqual(
      ROLES.filter((role) => expected?.includes(role)),
    );
  });

  it('A12: keeps the operator from starting and from aborting a study', () => {
    const operator = { role: 'operator', id: 'op', session: undefined } as const;
    for (const name of ['StartStudy', 'AbortStudy'] as const) {
      const act = () => authorize(`/consilium.v1.OperatorService/${name}`, operator);
      expect(act).toThrow(expect.objectContaining(DENIED));
    }
  });

  it('A3: lets a site speak for itself alone, and nobody else for a site', () => {
    const as = (role: Role, id: string) => () => speaksForItself({ role, id, session: undefined }, 'north');
    expect(as('site', 'north')).not.toThrow();
    for (const act of [as('site', 'south'), as('lead', 'north'), as('coordinator', 'north')])
      expect(act).toThrow(expect.objectContaining({ code: 'UNAUTHENTICATED' }));
  });
});
